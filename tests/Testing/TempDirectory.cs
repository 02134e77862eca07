namespace SnapshotGrains.Testing;

/// <summary>A folder of a test's own, removed with all it holds when the test ends.</summary>
public sealed class TempDirectory : IDisposable
{
    private const string Prefix = "snapshotgrains-";
    private const string MemoryFolder = "/dev/shm";

    /// <summary>Creates an empty folder under the system's temporary folder.</summary>
    public TempDirectory()
        : this(Directory.CreateTempSubdirectory(Prefix).FullName)
    {
    }

    private TempDirectory(string path) => Path = path;

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Absolute path of something in the folder.</summary>
    public string this[params ReadOnlySpan<string> parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Creates an empty folder where files live in memory and flushing is free, if there is such a place.
    /// </summary>
    public static TempDirectory InMemory() => Directory.Exists(MemoryFolder)
        ? new(Directory.CreateDirectory(System.IO.Path.Combine(MemoryFolder, $"{Prefix}{Guid.NewGuid():n}")).FullName)
        : new();

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
