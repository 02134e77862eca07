namespace SnapshotGrains.Images;

/// <summary>Where an imported segment comes from.</summary>
internal enum SegmentOrigin
{
    /// <summary>It was read, and holds data.</summary>
    Data,

    /// <summary>It is all zero.</summary>
    Zero,

    /// <summary>It is the same as that of the base image at the same place, data or zero.</summary>
    Base,
}
