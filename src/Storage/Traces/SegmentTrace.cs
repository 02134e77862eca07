using System.Collections.Immutable;

namespace SnapshotGrains.Storage;

/// <summary>
/// In which order the segments of a snapshot were touched first, each of them once: by a clone, or by what several of
/// them have in common. Numbers are those of the base replica, whatever the format of the clone. Format:
/// docs/FORMATS.md.
/// </summary>
public sealed partial class SegmentTrace
{
    /// <summary>Most entries: with segments of 1 MiB, 16 GiB of touched data, which no guest needs to start.</summary>
    public const int MaxEntries = 16 * 1024;

    /// <summary>Length of a step of time, in milliseconds.</summary>
    public const int StepMilliseconds = 100;

    /// <summary>The last step; what comes later counts as then.</summary>
    public const int MaxStep = (1 << 20) - 1;

    /// <summary>A trace of a snapshot.</summary>
    /// <param name="sizeBytes">Size of the snapshot, in bytes.</param>
    /// <param name="segmentSizeBytes">Its segment size, in bytes.</param>
    /// <param name="entries">First touches, in order.</param>
    /// <exception cref="ArgumentException">The geometry is impossible, there are too many entries, a segment is not
    /// in the snapshot or there twice, or time goes backwards.</exception>
    public SegmentTrace(long sizeBytes, int segmentSizeBytes, ImmutableArray<TraceEntry> entries)
    {
        if (ProblemOf(sizeBytes, segmentSizeBytes, entries) is { } problem)
        {
            throw new ArgumentException($"There is no such trace: {problem}.", nameof(entries));
        }

        (SizeBytes, SegmentSizeBytes, Entries) = (sizeBytes, segmentSizeBytes, entries);
    }

    /// <summary>Size of the snapshot, in bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>Segment size of the snapshot, in bytes.</summary>
    public int SegmentSizeBytes { get; }

    /// <summary>First touches, in order.</summary>
    public ImmutableArray<TraceEntry> Entries { get; }

    /// <summary>From the first touch to the last.</summary>
    public TimeSpan Duration =>
        TimeSpan.FromMilliseconds(Entries.IsEmpty ? 0 : (long)Entries[^1].Step * StepMilliseconds);

    /// <summary>Whether it can be one of the snapshot that has this map.</summary>
    public bool Fits(SegmentMap map) => map.SizeBytes == SizeBytes && map.SegmentSizeBytes == SegmentSizeBytes;

    /// <summary>Whether both can be traces of one snapshot.</summary>
    public bool Fits(SegmentTrace other) =>
        other.SizeBytes == SizeBytes && other.SegmentSizeBytes == SegmentSizeBytes;

    private static string? ProblemOf(long sizeBytes, int segmentSizeBytes, ImmutableArray<TraceEntry> entries)
    {
        if (GeometryProblemOf(sizeBytes, segmentSizeBytes) is { } problem)
        {
            return problem;
        }

        if (entries.Length > MaxEntries)
        {
            return $"{entries.Length} entries are more than {MaxEntries}";
        }

        var seen = new HashSet<long>(entries.Length);
        var segments = SegmentMap.CountSegments(sizeBytes, segmentSizeBytes);
        var step = 0;
        foreach (var entry in entries)
        {
            if (entry.Segment < 0 || entry.Segment >= segments || !seen.Add(entry.Segment))
            {
                return $"segment {entry.Segment} is there twice, or not one of {segments}";
            }

            if (entry.Step < step || entry.Step > MaxStep)
            {
                return $"segment {entry.Segment} follows step {step} with step {entry.Step}, the last is {MaxStep}";
            }

            step = entry.Step;
        }

        return null;
    }

    private static string? GeometryProblemOf(long sizeBytes, int segmentSizeBytes)
    {
        if (!SegmentMap.IsValidSegmentSize(segmentSizeBytes))
        {
            return $"a segment size of {segmentSizeBytes} is no power of two from "
                + $"{SegmentMap.MinSegmentSizeBytes} to {SegmentMap.MaxSegmentSizeBytes}";
        }

        return sizeBytes < 0 || sizeBytes / segmentSizeBytes >= SegmentMap.MaxSegmentCount
            ? $"a size of {sizeBytes} is not that of a snapshot" : null;
    }
}
