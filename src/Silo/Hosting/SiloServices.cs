using Orleans;
using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Silo.Access;
using SnapshotGrains.Silo.Tls;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>What the silos of one process share.</summary>
internal sealed record SiloServices(
    SiloSettings Settings,
    IClusterProvider Cluster,
    IImageCenter Center,
    ManifestCache Manifests,
    SegmentExchange Exchange,
    ProcessAddress Address,
    ProcessRoads Roads,
    OriginNeed Need,
    DiskHome Home,
    Keks Keks,
    KeyLookup KeyLookup,
    KeyRing Keys,
    ReplicaStore Replicas,
    DiskTier? Tier,
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
    public LocalDataPlane PlaneOver(Func<IGrainFactory> grains) => PlaneOver(grains, Roads.OfReaders);

    /// <summary>What silos need to derive segments.</summary>
    public DerivationInputs DerivationOver(IGrainFactory grains) =>
        new(PlaneOver(() => grains, Roads.OfDerivation).LeaseAsync, OpenKeyAsync, Replicas, CopyAsync);

    /// <summary>Finds segments, for one of this process's clients or silos.</summary>
    public SegmentLocator LocatorOver(Func<IGrainFactory> grains) =>
        new(grains, Exchange, () => Address.Endpoints, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await Home.DisposeAsync().ConfigureAwait(false);
        await Roads.DisposeAsync().ConfigureAwait(false);
        await Keys.DisposeAsync().ConfigureAwait(false);
        Keks.Dispose();
        await Cluster.DisposeAsync().ConfigureAwait(false);
        (Center as IDisposable)?.Dispose();
        if (Tier is not null)
        {
            await Tier.DisposeAsync().ConfigureAwait(false);
        }

        DataLock.Dispose();
        Logging.Dispose();
    }

    private LocalDataPlane PlaneOver(Func<IGrainFactory> grains, ClusterRoad road) => new(
        LocatorOver(grains),
        async (id, ct) => SnapshotMapOf(await Manifests.GetCurrentAsync(id, ct).ConfigureAwait(false)),
        Need,
        Settings.IsAlone ? null : road);

    /// <summary>From a silo of this process its bytes are taken, from another they come over the road.</summary>
    private async ValueTask CopyAsync(
        SegmentKey key, SegmentLocation from, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (Exchange.Find(from.Silo) is { } silo)
        {
            if (!silo.TryTake(Digest.Parse(key.DigestHex), out var bytes))
            {
                throw new SnapshotGrainsException(
                    ErrorCode.NotFound, $"Silo {from.Silo} does not have segment {key} any more.");
            }

            bytes.Span.CopyTo(destination.Span);
            bytes.Release();
            return;
        }

        await Roads.CopyAsync(key, from, destination, cancellationToken).ConfigureAwait(false);
    }

    private static SnapshotMap SnapshotMapOf(Manifest manifest) =>
        new(manifest.Map, ImageDescription.KeyOf(manifest.Key));

    private async ValueTask<ISectorCipher> OpenKeyAsync(KeyRef key, CancellationToken cancellationToken) =>
        await Keys.OpenAsync(key, cancellationToken).ConfigureAwait(false);
}
