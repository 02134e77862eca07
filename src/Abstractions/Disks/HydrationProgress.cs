using Orleans;

namespace SnapshotGrains;

/// <summary>
/// How far a disk is on its way from its parent. The sources and <see cref="RemainingBytes"/> add up to
/// <see cref="SizeBytes"/>, rounded up to whole blocks of 4 KiB; the figures survive any crash.
/// </summary>
/// <param name="Disk">The disk's name.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="GuestReadBytes">Kept because a guest read them.</param>
/// <param name="PrefetchedBytes">Loaded ahead by a trace.</param>
/// <param name="HydratedBytes">Copied in the background.</param>
/// <param name="OverwrittenBytes">Written by a guest before they were loaded.</param>
/// <param name="TrimmedBytes">Zeroed or trimmed by a guest before they were loaded, or added by a resize.</param>
/// <param name="ZeroBytes">Zero in the parent: nothing to load.</param>
/// <param name="RemainingBytes">Still the parent's.</param>
/// <param name="RemainingFetchBytes">Bytes of the parent's data segments that must still be read for that.</param>
/// <param name="BytesPerSecond">Current rate of reading the parent; 0 when hydration is not running.</param>
/// <param name="EtaSeconds">Time until ready at that rate; null when hydration is not running or just starting.</param>
/// <param name="IsRunning">Whether hydration is running or queued.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.HydrationProgress")]
public sealed record HydrationProgress(
    [property: Id(0)] string Disk,
    [property: Id(1)] DiskState State,
    [property: Id(2)] long SizeBytes,
    [property: Id(3)] long GuestReadBytes,
    [property: Id(4)] long PrefetchedBytes,
    [property: Id(5)] long HydratedBytes,
    [property: Id(6)] long OverwrittenBytes,
    [property: Id(7)] long TrimmedBytes,
    [property: Id(8)] long ZeroBytes,
    [property: Id(9)] long RemainingBytes,
    [property: Id(10)] long RemainingFetchBytes,
    [property: Id(11)] double BytesPerSecond,
    [property: Id(12)] double? EtaSeconds,
    [property: Id(13)] bool IsRunning)
{
    /// <summary>Share of the disk that is its own, from 0 to 1.</summary>
    public double Fraction => SizeBytes == 0 ? 1 : Math.Clamp(1 - ((double)RemainingBytes / SizeBytes), 0, 1);
}
