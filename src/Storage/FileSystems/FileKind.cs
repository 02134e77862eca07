namespace SnapshotGrains.Storage;

/// <summary>What a file system holds.</summary>
internal enum FileKind
{
    /// <summary>Devices and the like.</summary>
    Other,

    /// <summary>A file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Link,
}
