using Microsoft.Extensions.DependencyInjection;
using SnapshotGrains.Engine.Tests.Activations;
using SnapshotGrains.Engine.Tests.Calls;
using SnapshotGrains.Engine.Tests.Timers;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Engine.Tests.Cluster;

public sealed class TimeTests
{
    // Time-outs, timers and collection by age go by the TimeProvider of the host, and by nothing else.
    [Fact]
    public async Task All_time_comes_from_the_time_provider()
    {
        var time = new FakeTime();
        await using var cluster = await TestCluster.StartAsync(
            1,
            silo => silo.Services.AddSingleton<TimeProvider>(time),
            client => client.Services.AddSingleton<TimeProvider>(time));
        var (gate, key) = (Gate.NewName(), Gate.NewName());
        var call = cluster.Client.GetGrain<ICallGrain>(key).WaitAsync(gate, CancellationToken.None);
        await Gate.Of(gate).Entered;
        time.Advance(TimeSpan.FromSeconds(29));
        call.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(2));
        var act = () => call;
        (await act.Should().ThrowAsync<TimeoutException>()).WithMessage("*00:00:30*WaitAsync*sent 00:00:31 ago*");
        Gate.Of(gate).Open();

        var timer = cluster.Client.GetGrain<ITimerGrain>(key);
        await timer.FailFirstAsync();
        (await timer.RunsAsync()).Should().Be(0);
        time.Advance(TimeSpan.FromMilliseconds(10));
        (await timer.RunsAsync()).Should().Be(1);
        await timer.StopAsync();

        var life = cluster.Client.GetGrain<ILifeGrain>(key, typeof(LifeGrain).FullName);
        await life.ActivationAsync();
        time.Advance(TimeSpan.FromMinutes(14));
        (await life.ActivationAsync()).Should().Be(1);
        time.Advance(TimeSpan.FromMinutes(16));
        (await life.ActivationAsync()).Should().Be(2);
    }

    // A call that is cancelled before its turn never runs.
    [Fact]
    public async Task A_waiting_call_that_is_cancelled_never_runs()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var gate = Gate.NewName();
        var grain = cluster.Client.GetGrain<ICallGrain>(gate);
        using var cancellation = new CancellationTokenSource();
        var first = grain.WaitAsync(gate, CancellationToken.None);
        await Gate.Of(gate).Entered;
        var second = grain.WaitAsync(gate, cancellation.Token);
        await cancellation.CancelAsync();
        Gate.Of(gate).Open();
        await first;
        await grain.KeyAsync();
        Gate.Of(gate).Entries.Should().Be(1);
        second.IsCanceled.Should().BeTrue();
    }
}
