namespace SnapshotGrains.Storage;

/// <summary>Where a block of a disk is to be read.</summary>
public enum OverlayBlockState
{
    /// <summary>The overlay does not have it: read the parent.</summary>
    Parent,

    /// <summary>The overlay holds its bytes.</summary>
    Data,

    /// <summary>It was zeroed or trimmed: it reads as zeros and takes no space.</summary>
    Zero,
}
