namespace SnapshotGrains;

/// <summary>Guest reads: of one server what it served, of the cluster's living silos what that came to.</summary>
/// <param name="BytesServed">Bytes that the server sent to guests since it started.</param>
/// <param name="DistinctBytesNeeded">Bytes of the distinct segments that guests touched, equal content once; what was
/// needed of one process and, after that had gone, of another counts for both.</param>
/// <param name="OriginBytesFetched">Bytes that the cluster's living silos fetched from the image center.</param>
/// <param name="OriginAmplification">Bytes fetched ÷ distinct bytes needed; 0 before the first read.</param>
public sealed record ReadInfo(
    long BytesServed, long DistinctBytesNeeded, long OriginBytesFetched, double OriginAmplification);
