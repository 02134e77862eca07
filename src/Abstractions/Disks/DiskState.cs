namespace SnapshotGrains;

/// <summary>Where a disk is in its life.</summary>
public enum DiskState
{
    /// <summary>Cloned and never used: metadata only.</summary>
    Created = 0,

    /// <summary>In use; what it does not hold itself comes from its parent.</summary>
    LazyLoading = 1,

    /// <summary>As <see cref="LazyLoading"/>, with hydration stopped by its owner.</summary>
    Paused = 2,

    /// <summary>Detached from its parent: all content is its own.</summary>
    Ready = 3,

    /// <summary>
    /// As <see cref="LazyLoading"/>, with hydration ended by errors; <see cref="DiskInfo.Problem"/> says why.
    /// </summary>
    Failed = 4,

    /// <summary>Being deleted; cannot be attached any more.</summary>
    Deleting = 5,
}
