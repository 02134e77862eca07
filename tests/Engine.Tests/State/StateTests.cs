using Orleans.Runtime.Hosting;
using Orleans.Storage;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.State;

public sealed class StateTests : IAsyncLifetime
{
    private readonly string _key = Gate.NewName();
    private TestCluster? _cluster;

    private IStateGrain Grain => _cluster!.Client.GetGrain<IStateGrain>(_key);

    // State is there again in the next activation; what was not written is not; cleared state is gone.
    [Fact]
    public async Task State_outlives_activations()
    {
        (await Grain.ReadAsync()).Should().Be(" 0 False");
        (await Grain.AddAsync("a")).Should().Be("a 1 True");
        (await Grain.AddAsync("b")).Should().Be("a,b 2 True");
        await Grain.ScribbleAsync();
        (await Grain.ReadAsync()).Should().Be("a,b,scribble 2 True");
        await Grain.LeaveAsync();
        (await Grain.ReadAsync()).Should().Be("a,b 2 True");
        (await Grain.ActivationAsync()).Should().Be(2);
        await Grain.ClearAsync();
        (await Grain.ReadAsync()).Should().Be(" 0 False");
        await Grain.LeaveAsync();
        (await Grain.ReadAsync()).Should().Be(" 0 False");
    }

    // A write over somebody else's fails, its caller learns that, and the activation, whose state is stale, is
    // replaced by one that has read the other's.
    [Fact]
    public async Task A_conflicting_write_ends_the_activation()
    {
        await Grain.AddAsync("a");
        await Grain.Awaiting(grain => grain.ConflictAsync()).Should().ThrowAsync<InconsistentStateException>();
        (await Grain.ReadAsync()).Should().Be("a,other 1 True");
        (await Grain.ActivationAsync()).Should().Be(2);
    }

    // A store's own error reaches the caller wrapped, and the activation lives on.
    [Fact]
    public async Task A_failing_store_is_reported()
    {
        var thrown = (await Grain.Awaiting(grain => grain.BreakAsync()).Should().ThrowAsync<OrleansException>()).Which;
        thrown.Message.Should().Contain("broken").And.Contain("BrokenStore");
        thrown.InnerException.Should().BeOfType<IOException>().Which.Message.Should().Be("disk of Broken is full");
        (await Grain.ActivationAsync()).Should().Be(1);
    }

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(
        1, silo => silo.Services.AddGrainStorage("Broken", (_, name) => new BrokenStore(name)));

    public async Task DisposeAsync() => await _cluster!.DisposeAsync();
}
