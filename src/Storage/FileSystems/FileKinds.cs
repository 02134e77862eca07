namespace SnapshotGrains.Storage;

/// <summary>Kinds of files by their mode (inode(7)).</summary>
internal static class FileKinds
{
    private const int TypeMask = 0xf000;

    private static readonly Dictionary<int, FileKind> Known = new()
    {
        [0x4000] = FileKind.Directory,
        [0x8000] = FileKind.File,
        [0xa000] = FileKind.Link,
    };

    /// <summary>What a mode stands for.</summary>
    public static FileKind Of(ushort mode) => Known.GetValueOrDefault(mode & TypeMask, FileKind.Other);
}
