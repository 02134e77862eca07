using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>What to import, and as what.</summary>
public sealed record ImportRequest
{
    /// <summary>Segment size when nobody asks for another: 1 MiB.</summary>
    public const int DefaultSegmentSizeBytes = SegmentMap.DefaultSegmentSizeBytes;

    /// <summary>Name of the image.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the snapshot.</summary>
    public required string Snap { get; init; }

    /// <summary>
    /// The content, read once from where the stream stands to its end. Give this or <see cref="Reader"/>.
    /// </summary>
    public Stream? Content { get; init; }

    /// <summary>The content of a disk whose holes are known. Give this or <see cref="Content"/>.</summary>
    public IImageReader? Reader { get; init; }

    /// <summary>Exact size of the content in bytes, if it is known: a stream of another length is refused.</summary>
    public long? LengthBytes { get; init; }

    /// <summary>Segment size in bytes, a power of two from 64 KiB to 16 MiB.</summary>
    public int SegmentSizeBytes { get; init; } = DefaultSegmentSizeBytes;

    /// <summary>Name of the file or disk that the content comes from, to be shown to people.</summary>
    public string? Source { get; init; }

    /// <summary>Told how far the import is, after every few segments.</summary>
    public IProgress<ImportProgress>? Progress { get; init; }
}
