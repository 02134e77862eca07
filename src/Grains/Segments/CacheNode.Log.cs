using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Grains.Segments;

/// <summary>What a cache node logs.</summary>
public sealed partial class CacheNode
{
    [LoggerMessage(1001, LogLevel.Error, "Segment {Segment} could not be loaded on {Silo} ({Code}): {Why}")]
    private partial void LogLoadFailed(SegmentKey segment, string silo, ErrorCode code, string why);
}
