using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// What the import pipeline delivers: a segment with data, or a run of segments that nobody had to read.
/// </summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Count">Number of segments; 1 for data.</param>
/// <param name="LengthBytes">Bytes of the image that this covers.</param>
/// <param name="Data">The segment's bytes, valid until the next one is asked for; empty for a run.</param>
/// <param name="Digest">SHA-256 of the data.</param>
internal readonly record struct ImportedSegment(
    SegmentOrigin Origin, long Count, long LengthBytes, ReadOnlyMemory<byte> Data, Digest Digest)
{
    public static ImportedSegment OfData(ReadOnlyMemory<byte> data, in Digest digest) =>
        new(SegmentOrigin.Data, 1, data.Length, data, digest);

    public static ImportedSegment OfRun(SegmentOrigin origin, long lengthBytes, int segmentSizeBytes) => new(
        origin, SegmentMap.CountSegments(lengthBytes, segmentSizeBytes), lengthBytes, default, default);
}
