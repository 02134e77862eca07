using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests.Traces;

/// <summary>Shows when silos fetch what lies beside a guest's touches.</summary>
public sealed class NeighbourGuessTests
{
    private const int Segments = 64;

    /// <summary>
    /// From a source whose round trips are dear, whose bytes come, each segment once; from one whose bytes are dear,
    /// nothing that nobody asked for.
    /// </summary>
    [Theory]
    [InlineData(8 * GrainCluster.SegmentSize, true)]
    [InlineData(GrainCluster.SegmentSize / 2, false)]
    public async Task Neighbours_are_fetched_where_they_cost_next_to_nothing(long roundTripBytes, bool isFetched)
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 2);
        cluster.Center.RoundTripBytes = roundTripBytes;
        var reader = await ReaderAsync(cluster);
        using var end = new CancellationTokenSource();
        var guess = GuessOf(reader);
        var running = guess.RunAsync(end.Token);

        await ReadAsync(reader, 20);
        guess.Touch(20);
        if (isFetched)
        {
            await Eventually.IsTrueAsync(
                () => Task.FromResult(new[] { 19, 21, 22 }.All(n => reader.IsAtHand(n))), "neighbours are there");
            await ReadAsync(reader, 21);
        }

        (await reader.LoadAheadAsync(50, FetchPriority.Guess, CancellationToken.None)).Should().Be(isFetched);
        cluster.Center.Reads.Should().Be(isFetched ? 5 : 1);
        cluster.Center.MostReadsOfOneRange.Should().Be(1);
        await end.CancelAsync();
        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    /// <summary>Whoever comes for a segment while a guess at it is refused, or under way, gets it.</summary>
    [Fact]
    public async Task A_guess_is_in_nobodys_way()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 2);
        var reader = await ReaderAsync(cluster);
        for (var n = 0; n < Segments; n++)
        {
            cluster.Center.RoundTripBytes = n % 2 == 0 ? 0 : 2 * GrainCluster.SegmentSize;
            var ahead = reader.LoadAheadAsync(n, FetchPriority.Guess, CancellationToken.None).AsTask();
            await ReadAsync(reader, n);
            await ahead;
        }

        cluster.Center.Reads.Should().Be(Segments);
        cluster.Center.MostReadsOfOneRange.Should().Be(1);
    }

    private static TraceReplay GuessOf(ReplicaReader reader) => new(
        new NeighbourForecast(reader.Base), FetchPriority.Guess, new TraceSpace(reader, unitShift: 16), reader,
        new AheadBudget(Segments * GrainCluster.SegmentSize), new TraceTotals(), TimeProvider.System);

    private static async Task<ReplicaReader> ReaderAsync(GrainCluster cluster)
    {
        var content = new byte[Segments * GrainCluster.SegmentSize];
        new Random(4).NextBytes(content);
        var image = await cluster.ImportAsync("img@1", content);
        return await cluster.Readers.OpenAsync(new ReplicaId(image), CancellationToken.None);
    }

    private static async Task ReadAsync(ReplicaReader reader, long segment)
    {
        var slice = await reader.LeaseAsync(segment * GrainCluster.SegmentSize, 4096, CancellationToken.None);
        slice.IsZero.Should().BeFalse();
        slice.Release();
    }
}
