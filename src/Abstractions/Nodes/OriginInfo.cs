using Orleans;

namespace SnapshotGrains;

/// <summary>A silo's traffic with the image center; counters since the silo started.</summary>
/// <param name="SegmentsFetched">Segments fetched and verified.</param>
/// <param name="SegmentsRefetched">Those of them that this silo had fetched before, and lost by eviction.</param>
/// <param name="Requests">Range reads sent, repeated ones included.</param>
/// <param name="BytesFetched">Bytes that those reads asked for.</param>
/// <param name="Failures">Range reads that failed.</param>
/// <param name="DigestMismatches">Segments whose bytes did not have the manifest's digest.</param>
/// <param name="BytesNeeded">Bytes of the distinct segments among those that readers, wherever they are, needed of the
/// silo's process since it started; its silos share this one.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.OriginInfo")]
public sealed record OriginInfo(
    [property: Id(0)] long SegmentsFetched,
    [property: Id(1)] long SegmentsRefetched,
    [property: Id(2)] long Requests,
    [property: Id(3)] long BytesFetched,
    [property: Id(4)] long Failures,
    [property: Id(5)] long DigestMismatches,
    [property: Id(6)] long BytesNeeded = 0);
