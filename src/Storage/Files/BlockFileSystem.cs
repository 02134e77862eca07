namespace SnapshotGrains.Storage;

/// <summary>The operating system's files, locked against other openers while open (flock(2) on Unix).</summary>
public sealed class BlockFileSystem : IBlockFileSystem
{
    /// <summary>The one instance; it has no state.</summary>
    public static BlockFileSystem Instance { get; } = new();

    /// <inheritdoc/>
    public IBlockFile? TryOpen(string path)
    {
        try
        {
            return Open(path, FileMode.Open);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IBlockFile Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return Open(path, FileMode.CreateNew);
    }

    /// <inheritdoc/>
    public void Replace(string source, string destination) => File.Move(source, destination, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    /// <inheritdoc/>
    public void FlushDirectory(string directory)
    {
        if (Directory.Exists(directory))
        {
            DirectoryFlush.Flush(directory);
        }
    }

    private static BlockFile Open(string path, FileMode mode)
    {
        try
        {
            return new BlockFile(File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsHeld(e, mode))
        {
            throw new BlockFileBusyException(path, e);
        }
    }

    /// <summary>EWOULDBLOCK (11 on Linux, 35 on macOS), a Windows sharing violation, or the name is taken.</summary>
    private static bool IsHeld(IOException error, FileMode mode) =>
        error.GetType() == typeof(IOException)
        && ((error.HResult & 0xFFFF) is 11 or 32 or 35
            || (mode == FileMode.CreateNew && (error.HResult & 0xFFFF) is 17 or 80));
}
