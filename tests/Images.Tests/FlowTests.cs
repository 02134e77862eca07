using SnapshotGrains.Storage;
using SnapshotGrains.Testing;
using Xunit.Abstractions;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows in which order reads go to the image center, and which of them go together.</summary>
[Collection(TimingCollection.Name)]
public sealed class FlowTests(ITestOutputHelper output)
{
    private static readonly PackId Pack = PackId.Parse(new string('a', 32));

    /// <summary>A demand goes first, a trace before the background, and who is hurried takes his new place.</summary>
    [Fact]
    public async Task Reads_go_by_priority_and_can_be_hurried()
    {
        var source = new HeldSource();
        var bounded = Bound(source, requests: 1);
        var hurried = FetchUrgency.Of(FetchPriority.Background);
        Task[] reads =
        [
            Read(bounded, 0, FetchUrgency.Demand),
            Read(bounded, 1000, FetchUrgency.Of(FetchPriority.Background)),
            Read(bounded, 2000, hurried),
            Read(bounded, 3000, FetchUrgency.Of(FetchPriority.Trace)),
            Read(bounded, 4000, FetchUrgency.Demand),
        ];
        hurried.Raise(FetchPriority.Demand);
        await GoOnAsync(source, reads.Length);
        await Task.WhenAll(reads);
        source.Begun.Select(request => request.Offset).Should().Equal(0, 4000, 2000, 3000, 1000);
    }

    /// <summary>Neighbours that wait become one request; one of them may give up without harm to the others.</summary>
    [Fact]
    public async Task Neighbours_that_wait_go_together()
    {
        var source = new HeldSource { MaxScatterBytes = 3500 };
        var bounded = Bound(source, requests: 1);
        using var cancellation = new CancellationTokenSource();
        var trace = FetchUrgency.Of(FetchPriority.Trace);
        var first = Read(bounded, 50_000, trace);
        var left = Read(bounded, 2000, trace, cancellation.Token);
        Task<byte[]>[] reads =
        [
            Read(bounded, 1000, trace), Read(bounded, 3000, trace), Read(bounded, 4000, trace),
            Read(bounded, 9000, trace),
        ];
        source.Go(0);
        await first;
        await BegunAsync(source, 2);
        await cancellation.CancelAsync();
        await left.Invoking(read => read).Should().ThrowAsync<OperationCanceledException>();
        source.Go(1);
        await BegunAsync(source, 3);
        await GoOnAsync(source, 4, from: 2);
        var bytes = await Task.WhenAll(reads);
        bytes.Select(read => read[0]).Should().Equal(1, 3, 4, 9);
        source.Begun.Should().Equal((50_000, 1000), (2000, 3000), (1000, 1000), (9000, 1000));
    }

    /// <summary>Where a pack was cut short, reads before that are no worse for having gone with one behind.</summary>
    [Fact]
    public async Task A_damaged_neighbour_is_nobody_elses_loss()
    {
        var source = new HeldSource { MaxScatterBytes = 8000, PackBytes = 2500 };
        var bounded = Bound(source, requests: 1);
        var first = Read(bounded, 0, FetchUrgency.Demand);
        var (whole, cut) = (Read(bounded, 1000, FetchUrgency.Demand), Read(bounded, 2000, FetchUrgency.Demand));
        await GoOnAsync(source, 4);
        (await first)[0].Should().Be(0);
        (await whole)[0].Should().Be(1);
        (await cut.Invoking(read => read).Should().ThrowAsync<ImageCenterException>())
            .Which.Code.Should().Be(ImageErrorCode.Truncated);
        source.Begun.Should().BeEquivalentTo([(0L, 1000L), (1000L, 2000L), (1000L, 1000L), (2000L, 1000L)]);
    }

    /// <summary>A guess goes where the source would idle otherwise, and last of all where it has to wait.</summary>
    [Fact]
    public async Task Only_what_comes_within_a_round_trip_is_to_spare()
    {
        var source = new HeldSource { RoundTripBytes = 3000 };
        var bounded = Bound(source, requests: 2);
        bounded.HasToSpare(3000).Should().BeTrue();
        bounded.HasToSpare(3001).Should().BeFalse();
        Task[] reads =
        [
            Read(bounded, 0, FetchUrgency.Demand), Read(bounded, 1000, FetchUrgency.Of(FetchPriority.Guess)),
            Read(bounded, 2000, FetchUrgency.Of(FetchPriority.Guess)),
        ];
        bounded.HasToSpare(1).Should().BeFalse("one waits");
        var background = Read(bounded, 9000, FetchUrgency.Of(FetchPriority.Background));
        source.Go(0);
        await BegunAsync(source, 3);
        source.Begun[2].Offset.Should().Be(9000);
        await GoOnAsync(source, 4, from: 1);
        await Task.WhenAll([.. reads, background]);
        bounded.HasToSpare(3000).Should().BeTrue();
    }

    /// <summary>A request that nobody waits for any more is given up, and makes room.</summary>
    [Fact]
    public async Task An_abandoned_request_makes_room()
    {
        var source = new HeldSource { MaxScatterBytes = 8000 };
        var bounded = Bound(source, requests: 1);
        using var cancellation = new CancellationTokenSource();
        var first = Read(bounded, 50_000, FetchUrgency.Demand);
        var left = new[] { Read(bounded, 1000, FetchUrgency.Demand, cancellation.Token), Read(
            bounded, 2000, FetchUrgency.Demand, cancellation.Token) };
        var last = Read(bounded, 9000, FetchUrgency.Demand);
        source.Go(0);
        await first;
        await BegunAsync(source, 2);
        await cancellation.CancelAsync();
        foreach (var read in left)
        {
            await read.Invoking(r => r).Should().ThrowAsync<OperationCanceledException>();
        }

        await BegunAsync(source, 3);
        source.Go(2);
        (await last)[0].Should().Be(9);
        bounded.Waiting.Should().Be(0);
    }

    /// <summary>So is one of which some have what they wanted, and nobody waits for the rest.</summary>
    [Fact]
    public async Task A_request_whose_rest_is_abandoned_makes_room()
    {
        var source = new HeldSource { MaxScatterBytes = 8000, BetweenParts = new TaskCompletionSource().Task };
        var bounded = Bound(source, requests: 1);
        using var cancellation = new CancellationTokenSource();
        var first = Read(bounded, 50_000, FetchUrgency.Demand);
        var served = Read(bounded, 1000, FetchUrgency.Demand);
        var left = Read(bounded, 2000, FetchUrgency.Demand, cancellation.Token);
        var last = Read(bounded, 9000, FetchUrgency.Demand);
        source.Go(0);
        await first;
        await BegunAsync(source, 2);
        source.Go(1);
        (await served)[0].Should().Be(1);
        await cancellation.CancelAsync();
        await left.Invoking(read => read).Should().ThrowAsync<OperationCanceledException>();
        await BegunAsync(source, 3);
        source.Go(2);
        (await last)[0].Should().Be(9);
    }

    /// <summary>
    /// While a disk hydrates from a slow and distant image center, a reader waits little longer than if he were alone.
    /// </summary>
    [Fact]
    public async Task A_demand_hardly_notices_the_background()
    {
        const int Length = 1 << 20;
        var link = new SharedLink(TimeSpan.FromMilliseconds(200), bytesPerSecond: 2 << 20);
        var bounded = new BoundedImageSource(link, new BoundedSourceOptions());
        var alone = await TimeAsync(bounded, Length);
        using var ending = new CancellationTokenSource();
        var workers = Enumerable.Range(0, 4).Select(i => HydrateAsync(bounded, i, Length, ending.Token)).ToArray();
        await Eventually.IsTrueAsync(() => Task.FromResult(link.Bytes > 4 * Length), "hydration has found its pace");
        var busy = await TimeAsync(bounded, Length);
        await ending.CancelAsync();
        await Task.WhenAll(workers);
        output.WriteLine($"alone {alone}, while hydration goes on {busy}");
        busy.Should().BeLessThan(1.5 * alone);
    }

    private static async Task HydrateAsync(BoundedImageSource source, int worker, int length, CancellationToken ending)
    {
        try
        {
            for (var n = 0; ; n++)
            {
                await source.ReadAsync(
                    Pack, 1_000_000_000L * worker, new byte[length], FetchUrgency.Of(FetchPriority.Background), ending);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The test has seen enough.
        }
    }

    private static async Task<TimeSpan> TimeAsync(BoundedImageSource source, int length)
    {
        var started = TimeProvider.System.GetTimestamp();
        await source.ReadAsync(Pack, 0, new byte[length], TestImages.Deadline);
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static BoundedImageSource Bound(IImageSource source, int requests) =>
        new(source, new BoundedSourceOptions { MaxRequests = requests });

    private static async Task<byte[]> Read(
        BoundedImageSource source, long offset, FetchUrgency urgency, CancellationToken token = default)
    {
        var bytes = new byte[1000];
        await source.ReadAsync(Pack, offset, bytes, urgency, token == default ? TestImages.Deadline : token);
        return bytes;
    }

    private static Task BegunAsync(HeldSource source, int requests) => Eventually.IsTrueAsync(
        () => Task.FromResult(source.Begun.Count >= requests), $"{requests} requests have begun");

    private static async Task GoOnAsync(HeldSource source, int requests, int from = 0)
    {
        for (var n = from; n < requests; n++)
        {
            await BegunAsync(source, n + 1);
            source.Go(n);
        }
    }
}
