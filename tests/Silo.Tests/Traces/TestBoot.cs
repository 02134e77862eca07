using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Traces;

/// <summary>Guests that start from clones in a certain order, and what is known of it afterwards.</summary>
internal static class TestBoot
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>
    /// Some segments from <paramref name="first"/> on, so far apart that nothing but a trace foretells them.
    /// </summary>
    public static long[] OrderOf(int first, int count, int seed)
    {
        var segments = Enumerable.Range(0, count).Select(i => first + (6L * i)).ToArray();
        new Random(seed).Shuffle(segments);
        return segments;
    }

    /// <summary>Reads a block of each segment, and compares it.</summary>
    public static async Task RunAsync(NbdClient guest, byte[] content, int segmentBytes, IEnumerable<long> order)
    {
        foreach (var segment in order)
        {
            var read = await guest.ReadAsync(segment * segmentBytes, 4096);
            read.AsSpan().SequenceEqual(content.AsSpan((int)(segment * segmentBytes), 4096)).Should().BeTrue();
        }
    }

    /// <summary>The trace, when it has so many runs.</summary>
    public static async Task<SegmentTrace> TraceAsync(HttpControlPlane api, TraceName name, int runs)
    {
        await Eventually.IsTrueAsync(
            async () => (await api.ListTracesAsync(name.Snapshot, None)).Any(
                trace => trace.Name == name && trace.RecordedRuns >= runs),
            $"trace {name} has {runs} runs");
        return SegmentTrace.Decode((await api.FindTraceAsync(name, None))!.Value);
    }

    public static IEnumerable<long> Segments(this SegmentTrace trace) => trace.Entries.Select(entry => entry.Segment);
}
