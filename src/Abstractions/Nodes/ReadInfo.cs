namespace SnapshotGrains;

/// <summary>Guest reads of one server since it started.</summary>
/// <param name="BytesServed">Bytes sent to guests.</param>
/// <param name="DistinctBytesNeeded">Bytes of the distinct segments that guests touched, equal content once.</param>
/// <param name="OriginBytesFetched">Bytes that the cluster's living silos fetched from the image center.</param>
/// <param name="OriginAmplification">Bytes fetched ÷ distinct bytes needed; 0 before the first read.</param>
public sealed record ReadInfo(
    long BytesServed, long DistinctBytesNeeded, long OriginBytesFetched, double OriginAmplification);
