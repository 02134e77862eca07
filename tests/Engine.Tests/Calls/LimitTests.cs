using Orleans.Configuration;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Calls;

public sealed class LimitTests
{
    // An activation whose queue is full refuses calls at once and works through the others. They come one at a time: an
    // engine looks at the length of the queue before it adds a call, and calls that come together may all pass.
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
        var accepted = await SendAsync(cluster.Client, gate, Limit);
        var refused = await SendAsync(cluster.Client, gate, Limit);
        await Waiting.UntilAsync(() => Task.FromResult(refused.All(call => call.IsFaulted)), "the refusals");
        accepted.Should().NotContain(call => call.IsCompleted);
        Gate.Of(gate).Open();
        await first;
        (await Task.WhenAll(accepted)).Should().OnlyContain(answer => answer == gate);
        foreach (var call in refused)
        {
            await call.Awaiting(c => c).Should().ThrowAsync<LimitExceededException>();
        }
    }

    // A call to another grain takes the same way: when it is answered, the one before it has arrived.
    private static async Task<List<Task<string>>> SendAsync(IGrainFactory client, string key, int count)
    {
        var calls = new List<Task<string>>();
        for (var i = 0; i < count; i++)
        {
            calls.Add(client.GetGrain<ICallGrain>(key).KeyAsync());
            await client.GetGrain<ICallGrain>(key + "-other").KeyAsync();
        }

        return calls;
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
