using System.Collections.Immutable;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Traces;

/// <summary>A trace as its snapshot's grain works with it: the runs are merged when somebody asks.</summary>
internal sealed class KnownTrace
{
    /// <summary>A run that touched less than this share of what the others did is a look at the disk, no start.
    /// </summary>
    private const int ShortShare = 4;

    /// <summary>What of a trace its newest run has to touch, for all of it to be loaded ahead.</summary>
    private const double GoodAgreement = 0.75;

    private readonly Lazy<SegmentTrace> _merged;
    private readonly Lazy<ImmutableArray<byte>> _encoded;

    public KnownTrace(TraceRecord record)
    {
        Record = record;
        _merged = new Lazy<SegmentTrace>(() => TraceMerge.Of([.. record.Runs.Select(run => SegmentTrace.Decode(run))]));
        _encoded = new Lazy<ImmutableArray<byte>>(() => [.. Merged.Encode()]);
    }

    public TraceRecord Record { get; }

    /// <summary>What the runs have in common.</summary>
    public SegmentTrace Merged => _merged.Value;

    public ImmutableArray<byte> Encoded => _encoded.Value;

    /// <summary>Whether the newest run did what the ones before it foretold.</summary>
    public bool IsConfirmed => Record.Agreement >= GoodAgreement;

    /// <summary>A trace that begins with a run.</summary>
    public static KnownTrace Begin(SegmentTrace run, DateTimeOffset now, bool isRecorded) =>
        new(new TraceRecord([run.Encode()], now, isRecorded ? 1 : 0));

    /// <summary>The trace with one run more.</summary>
    public KnownTrace With(SegmentTrace run, DateTimeOffset now)
    {
        // The image was made anew under its name, with another size: what was known is of no use.
        if (!Merged.Fits(run))
        {
            return Begin(run, now, isRecorded: true);
        }

        // Short runs all the time are what clones do now.
        if (run.Entries.Length * ShortShare < Merged.Entries.Length && Record.ShortRuns < TraceMerge.MaxRuns)
        {
            return new KnownTrace(Record with { ShortRuns = Record.ShortRuns + 1 });
        }

        var older = Record.Runs.Length - TraceMerge.MaxRuns + 1;
        return new KnownTrace(new TraceRecord(
            [.. Record.Runs.Skip(Math.Max(0, older)), run.Encode()],
            now,
            Record.RecordedRuns + 1,
            TraceMerge.Agreement(Merged, run)));
    }

    public TraceInfo Describe(TraceName name, SegmentMap map) => new(
        name,
        Merged.Entries.Length,
        Merged.Entries.Sum(entry => Merged.Fits(map)
            ? map.LengthOf(entry.Segment) : (long)Merged.SegmentSizeBytes),
        Merged.Duration.TotalSeconds,
        Record.Runs.Length,
        Record.RecordedRuns,
        Record.Agreement,
        Record.UpdatedAt);
}
