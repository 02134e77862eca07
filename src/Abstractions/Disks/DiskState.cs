namespace SnapshotGrains;

/// <summary>Where a disk is in its life.</summary>
public enum DiskState
{
    /// <summary>Cloned; its content comes from its parent on first touch.</summary>
    LazyLoading = 0,

    /// <summary>Detached: all content is its own.</summary>
    Ready = 1,
}
