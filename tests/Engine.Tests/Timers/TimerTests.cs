using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Timers;

[Collection(SharedClusterGroup.Name)]
public sealed class TimerTests(SharedCluster cluster)
{
    private readonly string _gate = Gate.NewName();

    private ITimerGrain Grain => cluster.Client.GetGrain<ITimerGrain>(_gate);

    // A timer's run is a turn: calls wait for it to end, and its next run for a period after that.
    [Fact]
    public async Task A_run_keeps_calls_waiting()
    {
        await Grain.StartAsync(_gate, interleave: false);
        await Gate.Of(_gate).Entered;
        var call = Grain.RunsAsync();
        await cluster.Client.GetGrain<ITimerGrain>(Gate.NewName()).RunsAsync();
        call.IsCompleted.Should().BeFalse();
        Gate.Of(_gate).Entries.Should().Be(1);
        Gate.Of(_gate).Open();
        (await call).Should().BeGreaterThanOrEqualTo(1);
        await Waiting.UntilAsync(async () => await Grain.RunsAsync() >= 3, "three runs");
        await Grain.StopAsync();
        var runs = await Grain.RunsAsync();
        (await Grain.RunsAsync()).Should().Be(runs);
    }

    // An interleaving timer runs while a call waits.
    [Fact]
    public async Task An_interleaving_timer_runs_during_calls()
    {
        Gate.Of(_gate).Open();
        await Grain.StartAsync(_gate, interleave: true);
        var hold = Gate.NewName();

        // A run counts itself before it comes to the gate, so that one of the three may have been counted already.
        var call = Grain.HoldAsync(hold, 2);
        await Gate.Of(hold).Entered;
        var entries = Gate.Of(_gate).Entries;
        await Waiting.UntilAsync(() => Task.FromResult(Gate.Of(_gate).Entries >= entries + 3), "three more runs");
        Gate.Of(hold).Open();
        (await call).Should().BeTrue();
        await Grain.StopAsync();
    }

    // A failing run does not stop the timer.
    [Fact]
    public async Task A_failing_run_does_not_stop_the_timer()
    {
        await Grain.FailFirstAsync();
        await Waiting.UntilAsync(async () => await Grain.RunsAsync() >= 3, "three runs");
        await Grain.StopAsync();
    }

    // A timer can be given another due time and period.
    [Fact]
    public async Task A_timer_can_be_changed()
    {
        await Grain.ChangeAsync();
        await Waiting.UntilAsync(async () => await Grain.RunsAsync() >= 2, "two runs");
        await Grain.StopAsync();
    }

    // Stopping a timer cancels the token of its run; deactivation stops the timers of a grain.
    [Fact]
    public async Task Deactivation_stops_timers()
    {
        await Grain.FailFirstAsync();
        await Waiting.UntilAsync(async () => await Grain.RunsAsync() >= 1, "a run");
        await Grain.LeaveAsync();
        (await Grain.RunsAsync()).Should().Be(0);
        (await Grain.RunsAsync()).Should().Be(0);
    }
}
