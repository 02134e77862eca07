using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Persistence;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo;

/// <summary>From settings to open files: the part of a start that can fail for a user's reason.</summary>
internal static class SiloConfiguration
{
    private const string StateFile = "state.sqlite";
    private const string DisksDirectory = "disks";
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

    /// <exception cref="SiloConfigurationException">Settings are wrong, or the data directory cannot be used.
    /// </exception>
    public static async Task<SiloServices> OpenAsync(
        IConfiguration configuration, CancellationToken cancellationToken)
    {
        var settings = SettingsReader.Read(configuration);
        var keks = await LoadKeksAsync(settings, cancellationToken).ConfigureAwait(false);
        DataDirectoryLock? dataLock = null;
        try
        {
            Directory.CreateDirectory(settings.Data);
            dataLock = DataDirectoryLock.Take(settings.Data);
            var center = await DirectoryImageCenter.OpenAsync(settings.ImageCenter, cancellationToken)
                .ConfigureAwait(false);
            var logging = ConsoleLogging.Create(configuration);
            var keys = new KeyLookup(TimeProvider.System);
            var address = new ProcessAddress();
            return new SiloServices(
                settings,
                ClusterIdentity.Create(settings.Silos),
                center,
                new ManifestCache(center, TimeProvider.System),
                SqliteStateStore.Open(Path.Combine(settings.Data, StateFile)),
                new SegmentExchange(),
                address,
                new ProcessRoads(settings.ReadCacheBytes, DerivationBytes, address),
                new OriginNeed(),
                new DiskHome(
                    HomeDirectory.NameOf(Path.Combine(settings.Data, DisksDirectory)),
                    new OverlayDirectory(Path.Combine(settings.Data, DisksDirectory)),
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
                dataLock,
                logging);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException
            or ImageCenterException or Microsoft.Data.Sqlite.SqliteException)
        {
            dataLock?.Dispose();
            keks.Dispose();
            throw new SiloConfigurationException(
                [$"Data directory {settings.Data} with image center {settings.ImageCenter}: {error.Message}"]);
        }
    }

    /// <summary>A silo that cannot read its key-encryption keys does not start: its encrypted disks would all fail.
    /// </summary>
    private static async Task<Keks> LoadKeksAsync(SiloSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await Keks.LoadAsync(settings.Keks, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            throw new SiloConfigurationException([error.Message]);
        }
    }
}
