namespace SnapshotGrains;

/// <summary>When the segments of a derived replica are made.</summary>
public enum ReplicaBuild
{
    /// <summary>Each when it is first read.</summary>
    Lazy = 0,

    /// <summary>All at once, in the background, kept on disk and verified; disks can be cloned from it meanwhile.
    /// </summary>
    Eager = 1,
}
