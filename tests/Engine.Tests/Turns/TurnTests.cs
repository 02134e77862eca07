using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Turns;

[Collection(SharedClusterGroup.Name)]
public sealed class TurnTests(SharedCluster cluster)
{
    private readonly string _gate = Gate.NewName();

    // A call waits at an await: the next one does not start before the first has ended.
    [Fact]
    public async Task Calls_do_not_interleave()
    {
        var grain = Grain<TurnGrain>();
        var first = grain.WorkAsync(_gate);
        await Gate.Of(_gate).Entered;
        var second = grain.WorkAsync(_gate);
        (await grain.InterleaveAsync()).Should().Be("in between");
        Gate.Of(_gate).Entries.Should().Be(1);
        Gate.Of(_gate).Open();
        (await Task.WhenAll(first, second)).Should().Equal(1, 1);
    }

    // Calls of a reentrant class interleave at awaits, yet no two turns run at once.
    [Fact]
    public async Task Calls_of_a_reentrant_class_interleave_turn_by_turn()
    {
        var grain = Grain<ReentrantTurnGrain>();
        var calls = Enumerable.Range(0, 3).Select(_ => grain.WorkAsync(_gate)).ToArray();
        await Waiting.UntilAsync(() => Task.FromResult(Gate.Of(_gate).Entries == 3), "three calls inside");
        Gate.Of(_gate).Open();
        (await Task.WhenAll(calls)).Should().OnlyContain(maximum => maximum == 3);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.IncrementAsync(100)));
        (await grain.IncrementAsync(1)).Should().Be(2001);
    }

    // Read-only calls run beside each other, but not beside a call that may write.
    [Fact]
    public async Task Read_only_calls_interleave_with_each_other_only()
    {
        var grain = Grain<TurnGrain>();
        var reads = new[] { grain.ReadAsync(_gate), grain.ReadAsync(_gate) };
        await Waiting.UntilAsync(() => Task.FromResult(Gate.Of(_gate).Entries == 2), "two reads inside");
        var write = Gate.NewName();
        var writing = grain.WorkAsync(write);
        await grain.InterleaveAsync();
        Gate.Of(write).Entries.Should().Be(0);
        Gate.Of(_gate).Open();
        await Task.WhenAll(reads);
        await Gate.Of(write).Entered;
        var late = Gate.NewName();
        var read = grain.ReadAsync(late);
        await grain.InterleaveAsync();
        Gate.Of(late).Entries.Should().Be(0);
        Gate.Of(write).Open();
        await writing;
        await Gate.Of(late).Entered;
        Gate.Of(late).Open();
        await read;
    }

    // What follows an await runs on the activation's scheduler again; Task.Run leaves it.
    [Fact]
    public async Task Continuations_run_on_the_scheduler_of_the_activation() =>
        (await Grain<TurnGrain>().KeepsSchedulerAsync()).Should().BeTrue();

    // A one-way call ends at once for the caller, whatever becomes of it.
    [Fact]
    public async Task One_way_calls_report_nothing()
    {
        await Grain<TurnGrain>().NotifyAsync(_gate);
        await Gate.Of(_gate).Entered;
    }

    // Many callers of many grains at once: every call runs, every answer arrives.
    [Fact]
    public async Task Many_activations_answer_many_callers()
    {
        var grains = Enumerable.Range(0, 500).Select(_ => Grain<TurnGrain>()).ToArray();
        await Task.WhenAll(grains.SelectMany(grain => Enumerable.Range(0, 4).Select(_ => grain.IncrementAsync(5))));
        var counts = await Task.WhenAll(grains.Select(grain => grain.IncrementAsync(0)));
        counts.Should().OnlyContain(count => count == 20);
    }

    private ITurnGrain Grain<TClass>() =>
        cluster.Client.GetGrain<ITurnGrain>(Gate.NewName(), typeof(TClass).FullName);
}
