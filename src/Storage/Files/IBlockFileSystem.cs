namespace SnapshotGrains.Storage;

/// <summary>Creates, finds, renames and deletes files of blocks. Thread-safe. Paths are absolute.</summary>
public interface IBlockFileSystem
{
    /// <summary>Opens a file for this caller alone; null when there is none of that name.</summary>
    /// <exception cref="BlockFileBusyException">Somebody else, in this process or another, has it open.</exception>
    IBlockFile? TryOpen(string path);

    /// <summary>
    /// Creates a file, open for this caller alone. Its name is durable after <see cref="FlushDirectory"/>.
    /// </summary>
    /// <exception cref="BlockFileBusyException">A file of that name exists already.</exception>
    IBlockFile Create(string path);

    /// <summary>Renames atomically over an existing file, if any. Durable after <see cref="FlushDirectory"/>.</summary>
    void Replace(string source, string destination);

    /// <summary>Deletes the file, if there is one. Durable after <see cref="FlushDirectory"/>.</summary>
    void Delete(string path);

    /// <summary>Makes the names in a directory durable.</summary>
    void FlushDirectory(string directory);
}
