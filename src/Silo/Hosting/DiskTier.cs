using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>
/// What a process keeps of the image center on a local disk, so that its silos start warm, also without the image
/// center: segments, and the manifests that say what they are of.
/// </summary>
internal sealed partial class DiskTier : IAsyncDisposable
{
    private const string ManifestsDirectory = "manifests";

    /// <summary>Manifests take this part of the limit, a thousandth of what they describe and more.</summary>
    private const int ManifestShare = 64;

    private const long MaxManifestBytes = 64L << 20;

    private readonly ILogger _log;

    private DiskTier(DiskCache segments, ManifestStore manifests, ILogger log)
    {
        Segments = segments;
        Manifests = manifests;
        _log = log;
        Segments.Troubled += LogTroubled;
    }

    /// <summary>Segments.</summary>
    public DiskCache Segments { get; }

    /// <summary>Manifests.</summary>
    public ManifestStore Manifests { get; }

    /// <summary>Opens it; null if there is to be none.</summary>
    /// <exception cref="SiloConfigurationException">It cannot be used.</exception>
    public static DiskTier? Open(SiloSettings settings, ILoggerFactory logging)
    {
        if (settings.DiskCache is not { } directory)
        {
            return null;
        }

        var manifestBytes = Math.Min(settings.DiskCacheSize / ManifestShare, MaxManifestBytes);
        try
        {
            var segments = DiskCache.Open(new DiskCacheOptions
            {
                Directory = directory,
                LimitBytes = settings.DiskCacheSize - manifestBytes,
                QueueBytes = DiskCacheOptions.QueueBeside(settings.CacheBytes),
            });
            return new DiskTier(
                segments,
                new ManifestStore(Path.Combine(directory, ManifestsDirectory), manifestBytes),
                logging.CreateLogger<DiskTier>());
        }
        catch (DiskCacheException error)
        {
            throw new SiloConfigurationException(
            [
                $"Setting {SiloSettings.Section}:{nameof(SiloSettings.DiskCache)} is '{directory}', "
                + $"{nameof(SiloSettings.DiskCacheSize)} '{ByteSize.Format(settings.DiskCacheSize)}': {error.Message}",
            ]);
        }
    }

    /// <summary>Writes what waits to be written, and gives the directory free.</summary>
    public ValueTask DisposeAsync() => Segments.DisposeAsync();

    [LoggerMessage(1204, LogLevel.Warning, "{What}.")]
    private partial void LogTroubled(string what, Exception? error);
}
