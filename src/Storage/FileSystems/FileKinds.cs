namespace SnapshotGrains.Storage;

/// <summary>Kinds of files by their mode (inode(7)).</summary>
internal static class FileKinds
{
    /// <summary>What a mode stands for.</summary>
    public static FileKind Of(ushort mode) => (mode & 0xf000) switch
    {
        0x4000 => FileKind.Directory,
        0x8000 => FileKind.File,
        0xa000 => FileKind.Link,
        _ => FileKind.Other,
    };
}
