using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>What to import, and as what.</summary>
public sealed record ImportRequest
{
    /// <summary>Segment size when nobody asks for another: 1 MiB.</summary>
    public const int DefaultSegmentSizeBytes = SegmentMap.DefaultSegmentSizeBytes;

    private readonly int? _segmentSizeBytes;

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

    /// <summary>
    /// An image of the same center that the content differs from in places only. What
    /// <see cref="IImageReader.FindChangeAsync"/> says is the same is neither read nor hashed nor stored: the new image
    /// refers to the base's segments, and keeps them when the base is deleted. The sizes may differ. Damage that the
    /// base has is not noticed by the import, and is the new image's too.
    /// </summary>
    public Manifest? Base { get; init; }

    /// <summary>
    /// Segment size in bytes, a power of two from 64 KiB to 16 MiB. Default: that of <see cref="Base"/>, which it must
    /// equal; 1 MiB without a base.
    /// </summary>
    public int SegmentSizeBytes
    {
        get => _segmentSizeBytes ?? Base?.Map.SegmentSizeBytes ?? DefaultSegmentSizeBytes;
        init => _segmentSizeBytes = value;
    }

    /// <summary>
    /// The key that the content is encrypted under already, in sectors of 4 KiB; null for none. That of
    /// <see cref="Base"/>, if there is one.
    /// </summary>
    public ImageKey? Key { get; init; }

    /// <summary>Name of the file or disk that the content comes from, to be shown to people.</summary>
    public string? Source { get; init; }

    /// <summary>Told how far the import is, after every few segments.</summary>
    public IProgress<ImportProgress>? Progress { get; init; }
}
