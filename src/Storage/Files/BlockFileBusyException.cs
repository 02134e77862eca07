namespace SnapshotGrains.Storage;

/// <summary>A file of blocks is held by somebody else.</summary>
public sealed class BlockFileBusyException(string path, Exception? innerException = null)
    : IOException($"File '{path}' is in use by another owner; only one may have it.", innerException)
{
    /// <summary>Absolute path of the file.</summary>
    public string Path { get; } = path;
}
