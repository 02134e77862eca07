using Orleans;

namespace SnapshotGrains;

/// <summary>
/// The cache on a local disk behind a silo's segment cache, which the silos of a process share: sizes in bytes,
/// counters since the process started.
/// </summary>
/// <param name="LimitBytes">The most it takes on disk.</param>
/// <param name="UsedBytes">What segments take of that.</param>
/// <param name="Segments">Segments in it.</param>
/// <param name="Hits">Segments read from it, verified, instead of being fetched from the image center.</param>
/// <param name="Misses">Segments looked for in vain.</param>
/// <param name="BytesRead">Bytes of the hits.</param>
/// <param name="BytesWritten">Bytes written.</param>
/// <param name="Evictions">Segments that made room for others.</param>
/// <param name="BadCopies">Segments dropped because their bytes had changed; never served.</param>
/// <param name="WritesDropped">Segments not written, because the disk is slower than they come, or failed.</param>
/// <param name="Errors">Reads and writes that failed.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.DiskCacheInfo")]
public sealed record DiskCacheInfo(
    [property: Id(0)] long LimitBytes,
    [property: Id(1)] long UsedBytes,
    [property: Id(2)] long Segments,
    [property: Id(3)] long Hits,
    [property: Id(4)] long Misses,
    [property: Id(5)] long BytesRead,
    [property: Id(6)] long BytesWritten,
    [property: Id(7)] long Evictions,
    [property: Id(8)] long BadCopies,
    [property: Id(9)] long WritesDropped,
    [property: Id(10)] long Errors);
