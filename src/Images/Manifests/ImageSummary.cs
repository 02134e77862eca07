namespace SnapshotGrains.Images;

/// <summary>An image as a listing shows it. Lengths are in bytes.</summary>
public sealed record ImageSummary
{
    /// <summary>Name of the image.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the snapshot.</summary>
    public required string Snap { get; init; }

    /// <summary>Size of the image.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Size of its segments; 0 when the manifest cannot be read.</summary>
    public int SegmentSizeBytes { get; init; }

    /// <summary>Number of segments.</summary>
    public long SegmentCount { get; init; }

    /// <summary>Segments that are not all zero.</summary>
    public long DataSegments { get; init; }

    /// <summary>Segments that are all zero.</summary>
    public long ZeroSegments => SegmentCount - DataSegments;

    /// <summary>Data segments, equal ones counted once.</summary>
    public long DistinctSegments { get; init; }

    /// <summary>Bytes that the image added to the image center.</summary>
    public long StoredBytes { get; init; }

    /// <summary>When it was imported.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Name of the file that it was made from; may be empty.</summary>
    public string Source { get; init; } = string.Empty;

    /// <summary>The key that its segments are encrypted under; null for none.</summary>
    public ImageKey? Key { get; init; }

    /// <summary>Why the image cannot be used; null when its manifest is in order.</summary>
    public string? Problem { get; init; }
}
