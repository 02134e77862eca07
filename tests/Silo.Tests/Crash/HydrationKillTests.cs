using SnapshotGrains.Testing;
using Xunit.Abstractions;

namespace SnapshotGrains.Silo.Tests.Crash;

/// <summary>Shows that a kill of the silo costs hydration no more than what was on its way.</summary>
public sealed class HydrationKillTests(ITestOutputHelper output)
{
    private const int Seed = 12;
    private const int Mebibyte = 1 << 20;
    private const int MostInFlight = 16 + 4;

    [Fact]
    public async Task After_a_kill_hydration_fetches_again_at_most_what_was_in_flight()
    {
        const int SegmentBytes = 256 << 10;
        const int Kills = 2;
        var content = TestImage.Random(48 * Mebibyte, Seed);
        await using var silo = await SiloChild.StartNewAsync();
        await silo.ImportAsync("img@1", content, SegmentBytes);
        var needed = content.Chunk(SegmentBytes).Count(segment => segment.AsSpan().ContainsAnyExcept((byte)0));
        long fetched = 0;

        for (var life = 1; life <= Kills; life++)
        {
            // Slow enough that it is still at it when asked how far it is.
            await silo.Api.SetHydrationLimitAsync(8 * Mebibyte, CancellationToken.None);
            if (life == 1)
            {
                await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.Background);
                await silo.Api.ControlHydrationAsync("disk", HydrationCommand.Start, CancellationToken.None);
            }

            var until = fetched + (needed / (Kills + 1));
            long now = 0;
            await Eventually.IsTrueAsync(
                async () => fetched + (now = await FetchedAsync(silo)) >= until,
                $"{until} segments were fetched, in life {life}",
                tell: async () => $"There are {fetched} + {now}, {await DescribeAsync(silo)}\n{silo.Log}");
            await silo.KillAsync();
            fetched += now;
            await silo.StartAsync();
        }

        await Eventually.IsTrueAsync(
            async () => (await silo.Api.GetDiskAsync("disk", CancellationToken.None)).State == DiskState.Ready,
            "the disk was ready");
        fetched += await FetchedAsync(silo);

        // A segment or two may have come between the last count and the kill: they are not in the sum.
        output.WriteLine($"{needed} segments, {Kills} kills: {fetched - needed} fetched again.");
        fetched.Should().BeInRange(needed - Kills, needed + (Kills * MostInFlight));
        await using var client = await silo.ConnectAsync("disk:ro");
        for (var offset = 0; offset < content.Length; offset += Mebibyte)
        {
            var bytes = new byte[Mebibyte];
            await client.ReadAsync(offset, bytes);
            bytes.AsSpan().SequenceEqual(content.AsSpan(offset, Mebibyte)).Should().BeTrue("at {0}", offset);
        }
    }

    private static async Task<string> DescribeAsync(SiloChild silo) =>
        $"{await silo.Api.GetDiskAsync("disk", CancellationToken.None)}, "
        + $"{await silo.Api.GetHydrationAsync("disk", CancellationToken.None)}";

    private static async Task<long> FetchedAsync(SiloChild silo) =>
        (await silo.Api.ListNodesAsync(CancellationToken.None)).Sum(node => node.Origin.SegmentsFetched);
}
