using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>What the import pipeline delivers: a segment with data, or a run of zero segments.</summary>
/// <param name="ZeroSegments">Number of zero segments; 0 when this is a data segment.</param>
/// <param name="LengthBytes">Bytes of the image that this covers.</param>
/// <param name="Data">The segment's bytes, valid until the next one is asked for; empty for zeros.</param>
/// <param name="Digest">SHA-256 of the data.</param>
internal readonly record struct ImportedSegment(
    long ZeroSegments, long LengthBytes, ReadOnlyMemory<byte> Data, Digest Digest);
