namespace SnapshotGrains.Images;

/// <summary>How far an import is. All figures are of this import and only grow.</summary>
/// <param name="BytesRead">Bytes of the image that are dealt with, holes and what is the base's included.</param>
/// <param name="TotalBytes">Size of the image, if it is known beforehand.</param>
/// <param name="DataSegments">Segments with data so far.</param>
/// <param name="ZeroSegments">Segments that are all zero so far.</param>
/// <param name="DuplicateSegments">Data segments that the image center had already.</param>
/// <param name="StoredBytes">Bytes written to the image center.</param>
public sealed record ImportProgress(
    long BytesRead, long? TotalBytes, long DataSegments, long ZeroSegments, long DuplicateSegments, long StoredBytes);
