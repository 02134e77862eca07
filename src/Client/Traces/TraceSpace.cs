using System.Collections.Immutable;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Between what a disk stores and the segments of its snapshot, in which traces are told: clones in all formats add to
/// one trace.
/// </summary>
/// <param name="reader">The replica that the disk is cloned from.</param>
/// <param name="unitShift">Binary logarithm of a unit of the disk's stored bytes.</param>
internal sealed class TraceSpace(ReplicaReader reader, int unitShift)
{
    /// <summary>From so many first touches on, a guest that reads everything in order is told from one that starts.
    /// </summary>
    private const int MinScan = 64;

    private SegmentMap Base => reader.Base;

    /// <summary>The snapshot's segment in which a unit begins; null for zeros, and past the snapshot's end.</summary>
    public long? BaseOf(long unit)
    {
        var offset = unit << unitShift;
        if (reader.Layout is { } layout)
        {
            offset = offset < layout.PhysicalBytes ? layout.ToLogical(offset) : long.MaxValue;
        }

        var segment = offset / Base.SegmentSizeBytes;
        return offset < Base.SizeBytes && !Base.IsZero(segment) ? segment : null;
    }

    /// <summary>The replica's segments that have a segment's bytes, without those that are zero.</summary>
    public ImmutableArray<long> StoredOf(long segment)
    {
        if (reader.Layout is not { } layout)
        {
            return Base.IsZero(segment) ? [] : [segment];
        }

        var stored = reader.Map.SegmentSizeBytes;
        return
        [
            .. layout.RunsOf(segment * Base.SegmentSizeBytes, Base.LengthOf(segment))
                .SelectMany(run => Range(run.Physical / stored, (run.Physical + run.Length - 1) / stored))
                .Distinct().Where(number => !reader.Map.IsZero(number)),
        ];
    }

    /// <summary>What a guest touched, as a trace; null when that is not the start of a guest.</summary>
    /// <param name="touches">Units and when they were touched first.</param>
    /// <param name="time">The clock.</param>
    public SegmentTrace? TraceOf(IReadOnlyList<(long Unit, long At)> touches, TimeProvider time)
    {
        var seen = new HashSet<long>();
        var entries = ImmutableArray.CreateBuilder<TraceEntry>();
        foreach (var (unit, at) in touches)
        {
            if (BaseOf(unit) is { } segment && entries.Count < SegmentTrace.MaxEntries && seen.Add(segment))
            {
                entries.Add(new TraceEntry(segment, StepOf(time.GetElapsedTime(touches[0].At, at))));
            }
        }

        return IsScan(entries) ? null : new SegmentTrace(Base.SizeBytes, Base.SegmentSizeBytes, entries.ToImmutable());
    }

    private static int StepOf(TimeSpan elapsed) =>
        (int)Math.Min(elapsed.TotalMilliseconds / SegmentTrace.StepMilliseconds, SegmentTrace.MaxStep);

    /// <summary>Somebody who copies or checks the disk: most of it, in order.</summary>
    private bool IsScan(ImmutableArray<TraceEntry>.Builder entries)
    {
        var ascending = entries.Zip(entries.Skip(1)).Count(pair => pair.Second.Segment > pair.First.Segment);
        return entries.Count >= MinScan && entries.Count > Base.DataSegments / 2
            && ascending >= entries.Count * 0.95;
    }

    private static IEnumerable<long> Range(long first, long last) =>
        Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i);
}
