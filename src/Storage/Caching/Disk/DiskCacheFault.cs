namespace SnapshotGrains.Storage;

/// <summary>Why a disk cache cannot be opened.</summary>
public enum DiskCacheFault
{
    /// <summary>Not even one segment has room within the limit.</summary>
    LimitTooSmall,

    /// <summary>Another process, or another cache of this one, has the directory.</summary>
    InUse,

    /// <summary>The file system has less room than the limit.</summary>
    NoRoom,

    /// <summary>The directory cannot be created, read or written.</summary>
    Unusable,
}
