using SnapshotGrains.Testing;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that hydration keeps to its cap and tells truly how long it will take, on a clock of the test's.
/// </summary>
public sealed class HydrationPaceTests : IAsyncLifetime
{
    private const int Segments = 40;
    private static readonly HydrationOptions OneAtATime = new()
    {
        Parallelism = 1,
        FirstBackOff = TimeSpan.FromMilliseconds(5),
    };

    private DiskSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await DiskSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task The_cap_is_kept_and_can_be_changed_while_hydration_runs()
    {
        const int Bytes = Segments * DiskSilo.SegmentSize;
        await using var node = DiskNode.Start(_silo, OneAtATime, bytesPerSecond: 1 << 20);
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(Segments));
        await node.CloneAsync(snapshot, "vm", HydrationMode.Eager);

        await node.UntilAsync(() => node.Plane.Leases.Count >= Segments / 2);
        var half = node.Time.Now;
        await _silo.Control.SetHydrationLimitAsync(4 << 20, CancellationToken.None);
        await node.UntilAsync("vm", DiskState.Ready);
        var rest = node.Time.Now - half;

        half.TotalSeconds.Should().BeInRange(0.9 * Bytes / 2 / (1 << 20), 1.2 * Bytes / 2 / (1 << 20));
        rest.TotalSeconds.Should().BeInRange(0.9 * Bytes / 2 / (4 << 20), 1.2 * Bytes / 2 / (4 << 20));
    }

    [Fact]
    public async Task The_cap_holds_for_all_disks_and_workers_together()
    {
        await using var node = DiskNode.Start(_silo, bytesPerSecond: 1 << 20);
        for (var i = 0; i < 4; i++)
        {
            var snapshot = await _silo.ImportAsync($"img-{i}@1", TestContent.Segments(8, seed: i));
            await node.CloneAsync(snapshot, $"vm-{i}", HydrationMode.Eager);
        }

        for (var i = 0; i < 4; i++)
        {
            await node.UntilAsync($"vm-{i}", DiskState.Ready);
        }

        // The first segment of each worker may be free.
        var atLeast = ((4 * 8) - 4) * DiskSilo.SegmentSize / (double)(1 << 20);
        node.Time.Now.TotalSeconds.Should().BeGreaterThan(0.95 * atLeast);
    }

    [Fact]
    public async Task Once_a_tenth_is_done_the_time_left_is_told_within_a_quarter()
    {
        await using var node = DiskNode.Start(_silo, OneAtATime);
        var snapshot = await _silo.ImportAsync("img@1", TestContent.Segments(Segments));
        node.Plane.BeforeLease = (_, stop) => Task.Delay(TimeSpan.FromMilliseconds(700), node.Time, stop);
        await node.CloneAsync(snapshot, "vm", HydrationMode.Eager);
        var told = new List<(TimeSpan At, double Eta, double Fraction)>();

        for (var n = 1; n < Segments; n++)
        {
            await node.UntilAsync(() => node.Plane.Leases.Count > n);
            var progress = await CopiedAsync(node, n);
            told.Add((node.Time.Now, progress.EtaSeconds!.Value, progress.Fraction));
        }

        await node.UntilAsync("vm", DiskState.Ready);
        var end = node.Time.Now;
        told.Where(moment => moment.Fraction >= 0.1).Should().HaveCountGreaterThan(30).And.AllSatisfy(moment =>
        {
            var left = (end - moment.At).TotalSeconds;
            moment.Eta.Should().BeInRange(0.75 * left, 1.25 * left, "{0:P0} was done", moment.Fraction);
        });
    }

    /// <summary>The clock stands still while a thread copies what has been read.</summary>
    private static async Task<HydrationProgress> CopiedAsync(DiskNode node, int segments)
    {
        HydrationProgress progress = null!;
        await Eventually.IsTrueAsync(
            async () => (progress = await node.ProgressAsync("vm")).Fraction > (segments - 0.5) / Segments,
            $"{segments} segments are copied");
        return progress;
    }
}
