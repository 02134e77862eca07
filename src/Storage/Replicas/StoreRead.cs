namespace SnapshotGrains.Storage;

/// <summary>What became of reading a segment back.</summary>
public enum StoreRead
{
    /// <summary>It is not kept.</summary>
    Absent = 0,

    /// <summary>It was read, and has the bytes that were kept.</summary>
    Read = 1,

    /// <summary>What was kept is damaged; it is deleted.</summary>
    Damaged = 2,
}
