using Orleans;
using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Silo.Access;
using SnapshotGrains.Silo.Persistence;
using SnapshotGrains.Silo.Tls;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>What the silos of one process share.</summary>
internal sealed record SiloServices(
    SiloSettings Settings,
    ClusterIdentity Cluster,
    IImageCenter Center,
    ManifestCache Manifests,
    SqliteStateStore State,
    SegmentExchange Exchange,
    OriginNeed Need,
    DiskHome Home,
    Keks Keks,
    KeyLookup KeyLookup,
    KeyRing Keys,
    ReplicaStore Replicas,
    AccessTokens Tokens,
    SiloTls? Tls,
    DataDirectoryLock DataLock,
    ILoggerFactory Logging) : IAsyncDisposable
{
    /// <summary>
    /// The engine's own limit of a call: a little more than a read may take, so that its typed error comes first.
    /// </summary>
    public TimeSpan CallTimeout => Settings.ReadTimeout + TimeSpan.FromSeconds(5);

    /// <summary>The road to segments in this process's silos, for one of its clients or silos.</summary>
    public LocalDataPlane PlaneOver(IGrainFactory grains) => new(
        grains,
        Exchange,
        async (id, ct) => SnapshotMapOf(await Manifests.GetCurrentAsync(id, ct).ConfigureAwait(false)),
        Need,
        TimeProvider.System);

    /// <summary>What silos need to derive segments.</summary>
    public DerivationInputs DerivationOver(IGrainFactory grains) =>
        new(PlaneOver(grains).LeaseAsync, OpenKeyAsync, Replicas);

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

    private static SnapshotMap SnapshotMapOf(Manifest manifest) =>
        new(manifest.Map, ImageDescription.KeyOf(manifest.Key));

    private async ValueTask<ISectorCipher> OpenKeyAsync(KeyRef key, CancellationToken cancellationToken) =>
        await Keys.OpenAsync(key, cancellationToken).ConfigureAwait(false);
}
