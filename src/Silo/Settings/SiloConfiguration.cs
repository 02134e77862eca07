using Microsoft.Extensions.Logging.Console;
using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Persistence;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo;

/// <summary>From settings to open files: the part of a start that can fail for a user's reason.</summary>
internal static partial class SiloConfiguration
{
    private const string StateFile = "state.sqlite";
    private const string DisksDirectory = "disks";
    private const string ReplicasDirectory = "replicas";

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
        var tls = LoadTls(settings);
        var tokens = await LoadTokensAsync(settings, cancellationToken).ConfigureAwait(false);
        var keks = await LoadKeksAsync(settings, cancellationToken).ConfigureAwait(false);
        DataDirectoryLock? dataLock = null;
        try
        {
            Directory.CreateDirectory(settings.Data);
            dataLock = DataDirectoryLock.Take(settings.Data);
            var center = await DirectoryImageCenter.OpenAsync(settings.ImageCenter, cancellationToken)
                .ConfigureAwait(false);
            var logging = LoggingOf(configuration);
            var keys = new KeyLookup(TimeProvider.System);
            return new SiloServices(
                settings,
                ClusterIdentity.Create(settings.Silos),
                center,
                new ManifestCache(center, TimeProvider.System),
                SqliteStateStore.Open(Path.Combine(settings.Data, StateFile)),
                new SegmentExchange(),
                new OriginNeed(),
                new DiskHome(
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
                tokens,
                tls,
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

    /// <summary>One line an event on the console; the engine's own chatter only from warnings up.</summary>
    private static ILoggerFactory LoggingOf(IConfiguration configuration) => LoggerFactory.Create(logging =>
    {
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddFilter("Orleans", LogLevel.Warning);

        // Both warn at each start: of a garbage collector that bytes outside the heap do not need, and of nothing.
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        logging.AddFilter("Polly", LogLevel.Warning);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // Standard output is for answers; what happens goes to standard error.
        logging.Services.Configure<ConsoleLoggerOptions>(
            options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
    });
}
