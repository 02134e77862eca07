namespace SnapshotGrains.Testing;

/// <summary>A folder of a test's own, removed with all it holds when the test ends.</summary>
public sealed class TempDirectory : IDisposable
{
    /// <summary>Creates an empty folder under the system's temporary folder.</summary>
    public TempDirectory() => Path = Directory.CreateTempSubdirectory("snapshotgrains-").FullName;

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Absolute path of something in the folder.</summary>
    public string this[params ReadOnlySpan<string> parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
