using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that loading ahead helps those who read on and costs the others little.</summary>
public sealed class ReadAheadTests
{
    private const int Window = 32;
    private const long AheadBytes = (long)Window * SegmentMap.DefaultSegmentSizeBytes;

    /// <summary>A sequential read has everything ahead, in order, once, and never more than the window.</summary>
    [Fact]
    public void A_sequential_read_is_ahead_of_itself()
    {
        var map = MapOf(segments: 1000, isZero: n => n % 5 == 3);
        var ahead = new ReadAhead(map, AheadBytes);
        var loaded = new List<long>();
        for (var n = map.NextData(0); n < map.SegmentCount; n = map.NextData(n + 1))
        {
            loaded.AddRange(ahead.Touch(n, isLast: true));
            loaded.Count(m => m > n).Should().BeLessThanOrEqualTo(Window);
        }

        loaded.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems().And.NotContain(n => map.IsZero(n));
        loaded.Should().HaveCountGreaterThan((int)map.DataSegments - 12);
        ahead.Wasted.Should().Be(0);
    }

    /// <summary>Several at once, each a little out of order as requests in flight are, count as sequential.</summary>
    [Fact]
    public void Several_reads_are_followed_at_once()
    {
        var ahead = new ReadAhead(MapOf(100_000), AheadBytes);
        var random = new Random(3);
        var loaded = new HashSet<long>();
        for (var n = 0; n < 400; n += 4)
        {
            foreach (var start in new[] { 0, 20_000, 70_000 })
            {
                foreach (var i in Swapped(random, Enumerable.Range(n, 4).ToArray()))
                {
                    loaded.UnionWith(ahead.Touch(start + i, isLast: true));
                }
            }
        }

        loaded.Should().HaveCountGreaterThan(3 * 280, "what is ahead of the others counts as in vain until it is read");
        ahead.Wasted.Should().Be(0);
    }

    /// <summary>Random reads, and short runs in random places as of a boot, cost a twentieth at most.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(12)]
    public void Random_reads_cost_little(int longestRun)
    {
        var map = MapOf(20_000);
        var ahead = new ReadAhead(map, AheadBytes);
        var random = new Random(longestRun);
        var (loaded, touched) = (new HashSet<long>(), new HashSet<long>());
        while (touched.Count < 4000)
        {
            var start = random.Next(20_000);
            foreach (var n in Enumerable.Range(start, Math.Min(1 + random.Next(longestRun), 20_000 - start)))
            {
                touched.Add(n);
                loaded.UnionWith(ahead.Touch(n, isLast: true));
            }
        }

        loaded.Except(touched).Count().Should().BeLessThanOrEqualTo((touched.Count / 20) + 4, "seed {0}", longestRun);
    }

    /// <summary>Requests of many segments are one touch each: the first ones alone are not a sequence.</summary>
    [Fact]
    public void A_large_request_is_not_a_sequence()
    {
        var ahead = new ReadAhead(MapOf(1000), AheadBytes);
        var loaded = new List<(int Request, long Segment)>();
        for (var n = 0; n < 160; n++)
        {
            loaded.AddRange(ahead.Touch(n, isLast: n % 16 == 15).Select(segment => (n / 16, segment)));
        }

        loaded.Should().NotBeEmpty();
        loaded.Should().OnlyContain(load => load.Request >= 2);
    }

    /// <summary>Without bytes to spend nothing is loaded ahead.</summary>
    [Fact]
    public void It_can_be_switched_off()
    {
        var ahead = new ReadAhead(MapOf(100), maxBytes: 0);
        Enumerable.Range(0, 100).SelectMany(n => ahead.Touch(n, isLast: true)).Should().BeEmpty();
    }

    /// <summary>
    /// A guest who reads on finds what he has not asked for; every segment is fetched once, and needed when he comes.
    /// </summary>
    [Fact]
    public async Task A_guest_who_reads_on_finds_his_segments_there()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(24 << 20);
        var reader = await cluster.Readers.OpenAsync(
            new ReplicaId(await cluster.ImportAsync("img@1", content)), CancellationToken.None);
        await ReadAsync(reader, content, 0, 14);
        var next = reader.Map.NextData(14);
        await Testing.Eventually.IsTrueAsync(() => Task.FromResult(reader.IsAtHand(next)), "it is loaded ahead");
        await ReadAsync(reader, content, 14, reader.Map.SegmentCount);
        cluster.Center.Reads.Should().Be(TestImage.DataSegments(content));
        cluster.Center.MostReadsOfOneRange.Should().Be(1);
    }

    /// <summary>A reader who comes for a segment that is loaded in the background makes that load a demand.</summary>
    [Fact]
    public async Task A_reader_hurries_a_load_that_he_joins()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(4 << 20);
        var reader = await cluster.Readers.OpenAsync(
            new ReplicaId(await cluster.ImportAsync("img@1", content)), CancellationToken.None);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Center.BeforeRead = token => new ValueTask(go.Task.WaitAsync(token));
        var offset = reader.Map.NextData(0) * reader.Map.SegmentSizeBytes;
        var copied = reader.LeaseAsync(offset, 512, FetchPriority.Background, CancellationToken.None).AsTask();
        await Testing.Eventually.IsTrueAsync(() => Task.FromResult(cluster.Center.Reads == 1), "it is being fetched");
        var urgency = cluster.Center.LastUrgency;
        urgency.Priority.Should().Be(FetchPriority.Background);
        var read = reader.LeaseAsync(offset, 512, CancellationToken.None).AsTask();
        await Testing.Eventually.IsTrueAsync(
            () => Task.FromResult(urgency.Priority == FetchPriority.Demand), "the load has become a demand");
        go.SetResult();
        (await copied).Release();
        (await read).Release();
        cluster.Center.Reads.Should().Be(1);
    }

    /// <summary>Not only once: the clock that would make him ask again stands still.</summary>
    [Fact]
    public async Task A_reader_hurries_a_load_whenever_it_becomes_more_urgent()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var image = await cluster.ImportAsync("img@1", TestImage.Random(4 << 20));
        var map = await cluster.Client.GetSegmentMapAsync(image);
        var digest = map.DigestOf(map.NextData(0));
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Center.BeforeRead = token => new ValueTask(go.Task.WaitAsync(token));
        var locator = new SegmentLocator(() => cluster.Grains, cluster.Exchange, () => null, new Testing.FakeTime());
        var urgency = FetchUrgency.Of(FetchPriority.Background);
        var located = locator.LocateAsync(
            new SegmentKey(image, map.NextData(0), digest.ToString()), digest, urgency, CancellationToken.None)
            .AsTask();
        await Testing.Eventually.IsTrueAsync(() => Task.FromResult(cluster.Center.Reads == 1), "it is being fetched");
        foreach (var reason in new[] { FetchPriority.Trace, FetchPriority.Demand })
        {
            urgency.Raise(reason);
            await Testing.Eventually.IsTrueAsync(
                () => Task.FromResult(cluster.Center.LastUrgency.Priority == reason), $"the load has become {reason}");
        }

        go.SetResult();
        (await located).Bytes!.Release();
        cluster.Center.Reads.Should().Be(1);
    }

    /// <summary>The news that the segment was evicted may come when it is being loaded again.</summary>
    [Fact]
    public async Task A_reader_hurries_a_load_whose_segment_was_evicted_before()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var image = await cluster.ImportAsync("img@1", TestImage.Random(4 << 20));
        var map = await cluster.Client.GetSegmentMapAsync(image);
        var number = map.NextData(0);
        var grain = cluster.Grains.GetGrain<ISegmentGrain>(
            new SegmentKey(image, number, map.DigestOf(number).ToString()).ToString());
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Center.BeforeRead = token => new ValueTask(go.Task.WaitAsync(token));
        var copied = grain.LocateAsync(SegmentUrgency.Background, CancellationToken.None).AsTask();
        await Testing.Eventually.IsTrueAsync(() => Task.FromResult(cluster.Center.Reads == 1), "it is being fetched");
        var urgency = cluster.Center.LastUrgency;
        await grain.ReleaseAsync();

        var read = grain.LocateAsync(SegmentUrgency.Demand, CancellationToken.None).AsTask();
        await Testing.Eventually.IsTrueAsync(
            () => Task.FromResult(urgency.Priority == FetchPriority.Demand), "the load has become a demand");
        go.SetResult();
        await Task.WhenAll(copied, read);
        cluster.Center.Reads.Should().Be(1);
    }

    /// <summary>Two neighbours have changed places.</summary>
    private static int[] Swapped(Random random, int[] numbers)
    {
        var at = random.Next(numbers.Length - 1);
        (numbers[at], numbers[at + 1]) = (numbers[at + 1], numbers[at]);
        return numbers;
    }

    private static async Task ReadAsync(ReplicaReader reader, byte[] content, long from, long to)
    {
        for (var n = from; n < to; n++)
        {
            var at = n * reader.Map.SegmentSizeBytes;
            var slice = await reader.LeaseAsync(at, reader.Map.LengthOf(n), CancellationToken.None);
            var bytes = new byte[slice.Length];
            slice.CopyTo(bytes);
            slice.Release();
            bytes.AsSpan().SequenceEqual(content.AsSpan((int)at, bytes.Length)).Should().BeTrue($"segment {n}");
        }
    }

    private static SegmentMap MapOf(int segments, Func<int, bool>? isZero = null)
    {
        var builder = new SegmentMapBuilder(SegmentMap.DefaultSegmentSizeBytes);
        for (var n = 0; n < segments; n++)
        {
            if (isZero?.Invoke(n) == true)
            {
                builder.AddZero();
            }
            else
            {
                builder.AddData(Digest.Compute(BitConverter.GetBytes(n)));
            }
        }

        return builder.Build((long)segments * SegmentMap.DefaultSegmentSizeBytes);
    }
}
