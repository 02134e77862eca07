using Orleans.Configuration;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Calls;

public sealed class LimitTests
{
    // An activation whose queue is full refuses calls at once and works through the others.
    [Fact]
    public async Task A_full_queue_refuses_calls()
    {
        const int Limit = 10;
        await using var cluster = await TestCluster.StartAsync(
            1, silo => silo.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = Limit));
        var gate = Gate.NewName();
        var grain = cluster.Client.GetGrain<ICallGrain>(gate);
        var first = grain.WaitAsync(gate, CancellationToken.None);
        await Gate.Of(gate).Entered;
        var calls = Enumerable.Range(0, 2 * Limit).Select(_ => grain.KeyAsync()).ToArray();
        await Waiting.UntilAsync(() => Task.FromResult(calls.Any(call => call.IsFaulted)), "a refusal");
        await Waiting.UntilAsync(() => Task.FromResult(calls.Count(call => call.IsFaulted) >= Limit), "the refusals");
        Gate.Of(gate).Open();
        await first;
        var outcomes = await Task.WhenAll(calls.Select(async call =>
        {
            try
            {
                return await call;
            }
            catch (LimitExceededException)
            {
                return "refused";
            }
        }));
        outcomes.Count(outcome => outcome == gate).Should().Be(Limit);
        outcomes.Count(outcome => outcome == "refused").Should().Be(Limit);
    }

    // A method may have a response time-out of its own.
    [Fact]
    public async Task A_method_may_have_its_own_time_out()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var gate = Gate.NewName();
        var grain = cluster.Client.GetGrain<IImpatientGrain>(gate);
        await grain.Awaiting(g => g.WaitAsync(gate)).Should().ThrowAsync<TimeoutException>();
        Gate.Of(gate).Open();
    }
}
