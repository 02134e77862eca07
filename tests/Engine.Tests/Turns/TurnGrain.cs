using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Turns;

public class TurnGrain : Grain, ITurnGrain
{
    private int _inside;
    private int _maximum;
    private int _count;
    private int _turns;

    public async Task<int> WorkAsync(string gate)
    {
        _maximum = Math.Max(_maximum, ++_inside);
        await Gate.Of(gate).PassAsync();
        _inside--;
        return _maximum;
    }

    public async Task<int> IncrementAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            // Two threads in here at once would lose counts.
            Interlocked.Increment(ref _turns).Should().Be(1);
            var count = _count;
            _count = count + 1;
            Interlocked.Decrement(ref _turns);
            await Task.Yield();
        }

        return _count;
    }

    public Task<string> InterleaveAsync() => Task.FromResult("in between");

    public Task<int> ReadAsync(string gate) => WorkAsync(gate);

    public async Task<bool> KeepsSchedulerAsync()
    {
        var before = TaskScheduler.Current;
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        var after = TaskScheduler.Current;
        var elsewhere = await Task.Run(() => TaskScheduler.Current);
        return before != TaskScheduler.Default && before == after && elsewhere == TaskScheduler.Default
            && TaskScheduler.Current == before;
    }

    public Task NotifyAsync(string gate)
    {
        Gate.Of(gate).Touch();
        throw new InvalidOperationException("Nobody hears of this.");
    }
}
