using System.Diagnostics;
using SnapshotGrains.Engine.Tests.Cluster;
using Xunit.Abstractions;

namespace SnapshotGrains.Engine.Tests.Load;

[Collection(SequentialGroup.Name)]
public sealed class LoadTests(ITestOutputHelper output)
{
    private const int Callers = 10;
    private const int Calls = 1_000_000;

    // A million calls from ten grains to three: none is lost, none runs twice. Prints what a call costs.
    [Fact]
    public async Task A_million_calls_arrive_once_each()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var run = Gate.NewName();
        await CallAsync(cluster, run + "warm", 1, 2000);
        await CallAsync(cluster, run + "warm", 1, 20_000);
        var single = await CallAsync(cluster, run + "single", 1, 100_000);
        var many = await CallAsync(cluster, run + "many", Callers, (Calls - 100_000) / Callers);
        output.WriteLine($"one caller {single.TotalMicroseconds / 100_000:f2} µs a call, "
            + $"{Callers} callers {many.TotalMicroseconds / (Calls - 100_000):f2} µs a call");
        var total = 0L;
        for (var i = 0; i < 3; i++)
        {
            total += await cluster.Client.GetGrain<ILoadGrain>($"{run}many-to-{i}").NextAsync() - 1;
        }

        total.Should().Be(Calls - 100_000);
    }

    // Ten thousand grains can be active at once and all of them go when the silo stops.
    [Fact]
    public async Task Ten_thousand_activations_come_and_go()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var run = Gate.NewName();
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, 10_000, async (i, _) =>
            (await cluster.Silos[0].Factory.GetGrain<ILoadGrain>($"{run}-{i}").NextAsync()).Should().Be(1));
        output.WriteLine($"{watch.Elapsed.TotalMicroseconds / 10_000:f1} µs an activation");
        var count = await cluster.Client.GetGrain<IManagementGrain>(0).GetTotalActivationCount();
        count.Should().BeGreaterThanOrEqualTo(10_000);
        watch.Restart();
        await cluster.Silos[0].StopAsync();
        output.WriteLine($"{watch.Elapsed.TotalMilliseconds:f0} ms to stop");
    }

    private static async Task<TimeSpan> CallAsync(TestCluster cluster, string run, int callers, int times)
    {
        var grains = Enumerable.Range(0, callers)
            .Select(i => cluster.Client.GetGrain<ILoadGrain>($"{run}-{i}")).ToArray();
        await Task.WhenAll(grains.Select(grain => grain.NextAsync().AsTask()));
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(grains.Select((grain, i) => grain.CallAsync($"{run}-to-{i % 3}", times)));
        return watch.Elapsed;
    }
}
