using Orleans;

namespace SnapshotGrains;

/// <summary>Every error that SnapshotGrains reports on purpose: the stage, and whether trying again can help.</summary>
[GenerateSerializer, Alias("snapgrains.Exception")]
public sealed class SnapshotGrainsException : Exception
{
    /// <summary>An error of stage <paramref name="code"/>; the message names thing, value and remedy.</summary>
    public SnapshotGrainsException(ErrorCode code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>What failed.</summary>
    [Id(0)]
    public ErrorCode Code { get; private set; }

    /// <summary>Whether the same request may succeed later without anybody's help.</summary>
    public bool IsTransient => Code is ErrorCode.ImageCenterUnavailable or ErrorCode.CacheExhausted
        or ErrorCode.SegmentTimeout or ErrorCode.SiloUnavailable;
}
