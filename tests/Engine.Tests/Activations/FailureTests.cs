using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

public sealed class FailureTests : IAsyncLifetime
{
    private TestCluster? _cluster;

    // An activation that fails tells every waiting caller why, with type, message and inner error; nobody remembers
    // it, so that the next call activates again.
    [Fact]
    public async Task A_failed_activation_is_reported_to_every_caller_and_forgotten()
    {
        var key = Gate.NewName();
        FailingGrain.Broken[key] = 0;
        IGrainFactory[] callers = [_cluster!.Client, .. _cluster.Silos.Select(silo => silo.Factory)];
        var calls = callers.Select(caller =>
            caller.GetGrain<IFailingGrain>(key, typeof(FailingGrain).FullName).AnswerAsync()).ToArray();
        await Gate.Of(key).Entered;
        Gate.Of(key).Open();
        foreach (var call in calls)
        {
            var act = () => call;
            var thrown = (await act.Should().ThrowAsync<TestFailureException>()).Which;
            thrown.Message.Should().Be("segment 7 is damaged");
            thrown.Code.Should().Be(7);
            thrown.InnerException.Should().BeOfType<IOException>().Which.Message.Should().Be("bad digest");
            thrown.StackTrace.Should().Contain("OnActivateAsync");
        }

        FailingGrain.Broken.Clear();
        (await _cluster.Client.GetGrain<IFailingGrain>(key, typeof(FailingGrain).FullName).AnswerAsync())
            .Should().Be("fine");
    }

    // A constructor that throws fails the call likewise, wrapped in an error that names the class.
    [Fact]
    public async Task A_failed_constructor_is_reported()
    {
        var grain = _cluster!.Client.GetGrain<IFailingGrain>(
            Gate.NewName(), typeof(FailingConstructorGrain).FullName);
        await grain.Invoking(g => g.AnswerAsync()).Should().ThrowAsync<InvalidOperationException>()
            .WithInnerException<InvalidOperationException, TestFailureException>()
            .WithMessage("cannot be made");
    }

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(2);

    public async Task DisposeAsync() => await _cluster!.DisposeAsync();
}
