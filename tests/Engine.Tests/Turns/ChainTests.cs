using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Turns;

[Collection(SharedClusterGroup.Name)]
public sealed class ChainTests(SharedCluster cluster)
{
    private readonly string _a = Gate.NewName();
    private readonly string _b = Gate.NewName();

    // A calls B, which calls A back: by default A is busy, and the call ends by its time-out.
    [Fact]
    public async Task A_call_back_to_a_busy_grain_times_out()
    {
        var act = () => Grain<ChainGrain>(_a).ThereAndBackAsync(_b, allowReentrancy: false);
        await act.Should().ThrowAsync<TimeoutException>();
    }

    // The same with call-chain reentrancy: the call back belongs to the chain and runs.
    [Fact]
    public async Task A_call_back_within_an_allowed_chain_runs() =>
        (await Grain<ChainGrain>(_a).ThereAndBackAsync(_b, allowReentrancy: true)).Should().Be(_a);

    // A reentrant class takes calls back from any chain, and from itself.
    [Fact]
    public async Task A_call_back_to_a_reentrant_grain_runs()
    {
        (await Grain<ReentrantChainGrain>(_a).ThereAndBackAsync(_b, allowReentrancy: false)).Should().Be(_a);
        (await Grain<ReentrantChainGrain>(_a).SelfAsync()).Should().Be(_a);
    }

    private IChainGrain Grain<TClass>(string key) =>
        cluster.Client.GetGrain<IChainGrain>(key, typeof(TClass).FullName);
}
