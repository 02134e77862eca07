using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Timers;

public sealed class TimerGrain : Grain, ITimerGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private IGrainTimer? _timer;
    private int _runs;
    private int _inside;

    public Task StartAsync(string gate, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            RunAsync, gate, new GrainTimerCreationOptions(Tick, Tick) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task<int> RunsAsync() => Task.FromResult(_runs);

    public async Task<bool> HoldAsync(string gate, int runs)
    {
        var before = _runs;
        await Gate.Of(gate).PassAsync();
        return _runs >= before + runs;
    }

    public Task StopAsync()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task FailFirstAsync()
    {
        _timer = this.RegisterGrainTimer(
            _ => ++_runs == 1 ? throw new InvalidOperationException("the first run fails") : Task.CompletedTask,
            new GrainTimerCreationOptions(Tick, Tick));
        return Task.CompletedTask;
    }

    public Task ChangeAsync()
    {
        _timer = this.RegisterGrainTimer(
            _ => Task.FromResult(++_runs),
            new GrainTimerCreationOptions(TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan));
        _timer.Change(Tick, Tick);
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private async Task RunAsync(string gate, CancellationToken cancellationToken)
    {
        // Runs of one timer never overlap.
        (++_inside).Should().Be(1);
        _runs++;
        using var registration = cancellationToken.Register(() => Gate.Of(gate + "-cancelled").Touch());
        await Task.Yield();
        await Gate.Of(gate).PassAsync(cancellationToken);
        _inside--;
    }
}
