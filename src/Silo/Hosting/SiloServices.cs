using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Silo.Persistence;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>What the silos of one process share.</summary>
internal sealed record SiloServices(
    SiloSettings Settings,
    ClusterIdentity Cluster,
    IImageCenter Center,
    ManifestCache Manifests,
    SqliteStateStore State,
    SegmentExchange Exchange,
    DiskHome Home,
    Keks Keks,
    KeyLookup KeyLookup,
    KeyRing Keys,
    DataDirectoryLock DataLock,
    ILoggerFactory Logging) : IAsyncDisposable
{
    /// <summary>
    /// The engine's own limit of a call: a little more than a read may take, so that its typed error comes first.
    /// </summary>
    public TimeSpan CallTimeout => Settings.ReadTimeout + TimeSpan.FromSeconds(5);

    public async ValueTask DisposeAsync()
    {
        await Home.DisposeAsync().ConfigureAwait(false);
        await Keys.DisposeAsync().ConfigureAwait(false);
        Keks.Dispose();
        await State.DisposeAsync().ConfigureAwait(false);
        if (Center is IAsyncDisposable center)
        {
            await center.DisposeAsync().ConfigureAwait(false);
        }

        DataLock.Dispose();
        Logging.Dispose();
    }
}
