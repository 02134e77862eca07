using Microsoft.Data.Sqlite;
using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo;

/// <summary>From settings to open files: the part of a start that can fail for a user's reason.</summary>
internal static partial class SiloConfiguration
{
    private const string ReplicasDirectory = "replicas";

    /// <summary>Room for the inputs of the derivations that a process makes at once, from other processes.</summary>
    private const long DerivationBytes = 128L << 20;

    /// <summary>appsettings.json, then the environment, then what the caller gives.</summary>
    public static IConfiguration Build(IReadOnlyDictionary<string, string?> settings) => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
        .AddEnvironmentVariables()
        .AddInMemoryCollection(settings.ToDictionary(pair => $"{SiloSettings.Section}:{pair.Key}", pair => pair.Value))
        .Build();

    /// <exception cref="SiloConfigurationException">Settings are wrong, or the data directory or the database of the
    /// cluster cannot be used.</exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: that database is silent.
    /// </exception>
    public static async Task<SiloServices> OpenAsync(
        IConfiguration configuration, CancellationToken cancellationToken)
    {
        var settings = SettingsReader.Read(configuration, GrainEngine.WhyNotShared);
        var tls = LoadTls(settings);
        var tokens = await LoadTokensAsync(settings, cancellationToken).ConfigureAwait(false);
        var keks = await LoadKeksAsync(settings, cancellationToken).ConfigureAwait(false);
        DataDirectoryLock? dataLock = null;
        IClusterProvider? cluster = null;
        DiskTier? tier = null;
        try
        {
            Directory.CreateDirectory(settings.Data);
            dataLock = DataDirectoryLock.Take(settings.Data);
            var logging = ConsoleLogging.Create(configuration);
            tier = DiskTier.Open(settings, logging);
            var center = await OpenCenterAsync(settings, cancellationToken).ConfigureAwait(false);
            cluster = await GrainEngine.OpenClusterAsync(settings, logging, cancellationToken).ConfigureAwait(false);
            var keys = new KeyLookup(TimeProvider.System);
            var address = new ProcessAddress();
            return new SiloServices(
                settings,
                cluster,
                center,
                new ManifestCache(ManifestsOf(center, tier), TimeProvider.System),
                new SegmentExchange(),
                address,
                new ProcessRoads(settings.ReadCacheBytes, DerivationBytes, address, tokens.Current, tls),
                new OriginNeed(),
                new DiskHome(
                    HomeDirectory.NameOf(settings.Disks),
                    new OverlayDirectory(settings.Disks),
                    center,
                    new HydrationOptions(),
                    TimeProvider.System,
                    logging.CreateLogger<DiskHome>()),
                keks,
                keys,
                new KeyRing(keks, keys.FindAsync, TimeProvider.System, logging.CreateLogger<KeyRing>()),
                ReplicaStore.Open(new ReplicaStoreOptions
                {
                    Directory = Path.Combine(settings.Data, ReplicasDirectory),
                    BudgetBytes = settings.ReplicaBytes,
                }),
                tier,
                tokens,
                tls,
                dataLock,
                logging);
        }
        catch (Exception error)
        {
            if (cluster is not null)
            {
                await cluster.DisposeAsync().ConfigureAwait(false);
            }

            if (tier is not null)
            {
                await tier.DisposeAsync().ConfigureAwait(false);
            }

            dataLock?.Dispose();
            keks.Dispose();
            if (error is IOException or UnauthorizedAccessException or ImageCenterException or SqliteException)
            {
                throw new SiloConfigurationException(
                    [$"Data directory {settings.Data} with image center {settings.ImageCenter}: {error.Message}"]);
            }

            throw;
        }
    }

    private static IImageSource ManifestsOf(IImageCenter center, DiskTier? tier) =>
        tier is null ? center : new KeptManifestSource(center, tier.Manifests, TimeProvider.System);
}
