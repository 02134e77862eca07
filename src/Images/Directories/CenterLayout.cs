namespace SnapshotGrains.Images;

/// <summary>
/// Where things are in a directory image center; docs/FORMATS.md, "Image center". Names that begin with a dot are
/// files that are still being written: no image and no pack is ever called so.
/// </summary>
internal sealed class CenterLayout(string root)
{
    public const string ManifestSuffix = ".manifest";

    private const string PackSuffix = ".pack";
    private const string TemporarySuffix = ".tmp";

    /// <summary>Where things are below the root, as a URL has it.</summary>
    public const string MarkerPath = "center.json";

    public const string IndexPath = "index.json";

    public string Root => root;

    public static string ManifestPath(string name, string snap) => $"images/{name}/{snap}{ManifestSuffix}";

    public static string PackPath(PackId pack) => $"packs/{pack}{PackSuffix}";

    public string MarkerFile => Path.Combine(root, MarkerPath);

    /// <summary>The names of all images, for readers who cannot list directories.</summary>
    public string IndexFile => Path.Combine(root, IndexPath);

    public string Packs => Path.Combine(root, "packs");

    public string Images => Path.Combine(root, "images");

    public string Locks => Path.Combine(root, "locks");

    /// <summary>
    /// Held shared by imports, alone by the clean-up: it may only remove what no import is about to use.
    /// </summary>
    public string UseLock => Path.Combine(Locks, "use.lock");

    /// <summary>Held while a manifest is put in its place or taken away.</summary>
    public string CommitLock => Path.Combine(Locks, "commit.lock");

    public string PackFile(PackId pack) => Path.Combine(Packs, pack + PackSuffix);

    public string TemporaryPackFile(PackId pack) => Path.Combine(Packs, $".{pack}{TemporarySuffix}");

    public string ImageDirectory(string name) => Path.Combine(Images, name);

    public string ManifestFile(string name, string snap) => Path.Combine(ImageDirectory(name), snap + ManifestSuffix);

    /// <summary>A file beside its final place, so that the rename is atomic.</summary>
    public string TemporaryFile(string finalPath) => Path.Combine(
        Path.GetDirectoryName(finalPath)!, $".{Path.GetFileName(finalPath)}.{PackId.Create()}{TemporarySuffix}");

    /// <summary>Pack files by id; foreign files are not ours to judge.</summary>
    public IEnumerable<(PackId Pack, string Path)> EnumeratePacks()
    {
        foreach (var path in Directory.EnumerateFiles(Packs, "*" + PackSuffix))
        {
            if (PackId.TryParse(Path.GetFileNameWithoutExtension(path), out var pack))
            {
                yield return (pack, path);
            }
        }
    }

    /// <summary>Names of all images.</summary>
    public IEnumerable<(string Name, string Snap)> EnumerateImages()
    {
        foreach (var directory in Directory.EnumerateDirectories(Images))
        {
            var name = Path.GetFileName(directory);
            foreach (var path in Directory.EnumerateFiles(directory, "*" + ManifestSuffix))
            {
                var snap = Path.GetFileName(path)[..^ManifestSuffix.Length];
                if (ImageName.IsValid(name) && ImageName.IsValid(snap))
                {
                    yield return (name, snap);
                }
            }
        }
    }

    /// <summary>Indexes that were being written; stale for whoever holds the commit lock.</summary>
    public IEnumerable<string> EnumerateTemporaryIndexes() =>
        Directory.EnumerateFiles(root, $".{IndexPath}.*{TemporarySuffix}");

    /// <summary>Other files that were being written; stale if no import is alive.</summary>
    public IEnumerable<string> EnumerateTemporaryFiles() => Directory
        .EnumerateFiles(Packs, ".*" + TemporarySuffix)
        .Concat(Directory.EnumerateDirectories(Images)
            .SelectMany(directory => Directory.EnumerateFiles(directory, ".*" + TemporarySuffix)));
}
