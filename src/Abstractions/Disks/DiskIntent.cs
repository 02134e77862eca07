namespace SnapshotGrains;

/// <summary>What a disk's overlay is opened for.</summary>
public enum DiskIntent
{
    /// <summary>To read it, or to look at its progress: changes nothing about the disk.</summary>
    Read = 0,

    /// <summary>To write to it: the lazy-loading period begins, and hydration if its mode says so.</summary>
    Write = 1,
}
