using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Traces;

/// <summary>A trace is recorded of a clone, outlives a restart, is replayed for the next and goes with its image.
/// </summary>
public sealed class TraceReplayTests
{
    private const int Segment = 64 << 10;
    private const int Segments = 512;

    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");
    private static readonly TraceName Default = new(Image);
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly byte[] _content = new byte[Segments * Segment];
    private readonly long[] _order = TestBoot.OrderOf(first: 0, count: 40, seed: 5);

    public TraceReplayTests() => new Random(3).NextBytes(_content);

    // The second clone, on a cold cluster, finds what the first one touched; each segment is fetched once. A trace that
    // is wrong costs its first segments.
    [Fact]
    public async Task What_a_clone_touched_first_is_there_before_the_next_one_asks()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync($"{Image}", _content, Segment);
        await BootAsync(silo, "a", _order, awaitAhead: false);
        var first = await TestBoot.TraceAsync(silo.Api, Default, runs: 1);
        first.Segments().Should().Equal(_order);

        await silo.RestartAsync();
        await BootAsync(silo, "b", _order, awaitAhead: true);
        (await FetchedAsync(silo)).Should().Be(_order.Length);
        silo.Process.Client.Traces!.Statistics.HitBytes.Should().BeGreaterThan(_order.Length * Segment / 2);
        (await TestBoot.TraceAsync(silo.Api, Default, runs: 2)).Segments().Should().Equal(_order);
        (await silo.Api.ListTracesAsync(Image, None)).Single().Agreement.Should().Be(1);

        await PreloadAsync(silo);
        await WrongTraceAsync(silo);
        await silo.Api.DeleteImageAsync(Image, isDeferred: false, None);
        await silo.ImportAsync($"{Image}", _content, Segment);
        (await silo.Api.ListTracesAsync(Image, None)).Should().BeEmpty("it went with its image");
    }

    /// <summary>A trace that came true is loaded as soon as there is a clone, each segment once.</summary>
    private async Task PreloadAsync(TestSilo silo)
    {
        await silo.RestartAsync();
        await silo.Api.CloneAsync(Image, ["early"], HydrationMode.None, None);
        await Eventually.IsTrueAsync(
            async () => await FetchedAsync(silo) == _order.Length, "the trace is loaded before anybody attaches");
        await BootAsync(silo, "early", _order, awaitAhead: false);
        (await FetchedAsync(silo)).Should().Be(_order.Length);
    }

    private async Task WrongTraceAsync(TestSilo silo)
    {
        var wrong = TestBoot.OrderOf(first: 250, count: 40, seed: 6).Select(n => new TraceEntry(n, 0));
        var name = new TraceName(Image, "wrong");
        await silo.Api.ImportTraceAsync(
            name, new SegmentTrace(_content.Length, Segment, [.. wrong]).Encode(), None);
        var before = await FetchedAsync(silo);
        var order = TestBoot.OrderOf(first: 253, count: 36, seed: 7);
        await BootAsync(silo, "c", order, awaitAhead: true, name.Profile);
        (await FetchedAsync(silo) - before).Should().BeLessThanOrEqualTo(order.Length + TraceLimit);
    }

    /// <summary>What is loaded of a trace before anything agrees with it.</summary>
    private static int TraceLimit => 4;

    private async Task BootAsync(
        TestSilo silo, string disk, long[] order, bool awaitAhead, string? profile = null)
    {
        var ahead = silo.Process.Client.Traces!.Statistics.LoadedBytes;
        await silo.Api.CloneAsync(Image, [disk], new CloneOptions(HydrationMode.None, Trace: profile), None);
        await using (var guest = await silo.ConnectAsync(disk))
        {
            if (awaitAhead)
            {
                await Eventually.IsTrueAsync(
                    () => Task.FromResult(
                        silo.Process.Client.Traces.Statistics.LoadedBytes >= ahead + (TraceLimit * Segment)),
                    "the beginning of the trace is loaded before the guest asks");
            }

            await TestBoot.RunAsync(guest, _content, Segment, order);
        }

        await Eventually.IsTrueAsync(
            async () =>
            {
                try
                {
                    await silo.Api.DeleteDiskAsync(disk, None);
                    return true;
                }
                catch (SnapshotGrainsException error) when (error.Code == ErrorCode.InUse)
                {
                    return false; // its connection is being closed
                }
            },
            "the disk can be deleted");
    }

    private static async Task<long> FetchedAsync(TestSilo silo) =>
        (await silo.Api.GetStatusAsync(None)).Nodes.Sum(node => node.Origin.SegmentsFetched);
}
