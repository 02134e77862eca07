using System.Collections.Immutable;
using System.Diagnostics;
using SnapshotGrains.Engine.Tests.Activations;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Calls;

[Collection(SharedClusterGroup.Name)]
public sealed class CallTests(SharedCluster cluster)
{
    private readonly string _gate = Gate.NewName();

    private ICallGrain Grain => cluster.Client.GetGrain<ICallGrain>(_gate);

    // A call without an answer ends by its time-out, with an error that names method and grain.
    [Fact]
    public async Task A_call_without_an_answer_times_out()
    {
        var watch = Stopwatch.StartNew();
        var act = () => Grain.WaitAsync(_gate, CancellationToken.None);
        var thrown = (await act.Should().ThrowAsync<TimeoutException>()).Which;
        watch.Elapsed.Should().BeGreaterThan(SharedCluster.ResponseTimeout - TimeSpan.FromSeconds(0.5))
            .And.BeLessThan(SharedCluster.ResponseTimeout + TimeSpan.FromSeconds(5));
        thrown.Message.Should().Contain("WaitAsync").And.Contain(_gate);
        Gate.Of(_gate).Open();
    }

    // Cancelling the caller's token ends the call for the caller and cancels the token of the callee.
    [Fact]
    public async Task Cancellation_reaches_the_callee()
    {
        using var cancellation = new CancellationTokenSource();
        var call = Grain.WaitAsync(_gate, cancellation.Token);
        await Gate.Of(_gate).Entered;
        await cancellation.CancelAsync();
        var act = () => call;
        await act.Should().ThrowAsync<OperationCanceledException>();
        await Gate.Of(_gate + "-cancelled").Entered;
    }

    // A call that still waits for its turn ends at once when it is cancelled, and the call before it is not disturbed.
    [Fact]
    public async Task A_waiting_call_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var first = Grain.WaitAsync(_gate, CancellationToken.None);
        await Gate.Of(_gate).Entered;
        var second = Grain.WaitAsync(_gate, cancellation.Token);
        await cancellation.CancelAsync();
        var act = () => second;
        await act.Should().ThrowAsync<OperationCanceledException>();
        first.IsCompleted.Should().BeFalse();
        Gate.Of(_gate).Open();
        await first;
        (await Grain.KeyAsync()).Should().Be(_gate);
    }

    // A token that is cancelled already stops the call before it is sent.
    [Fact]
    public async Task A_cancelled_token_stops_the_call()
    {
        var act = async () => await Grain.WaitAsync(_gate, new CancellationToken(canceled: true));
        await act.Should().ThrowAsync<OperationCanceledException>();
        Gate.Of(_gate).Entries.Should().Be(0);
    }

    // An error comes through two silos with its type, its own values, its message and the stack of where it arose.
    [Fact]
    public async Task Errors_keep_type_and_stack()
    {
        for (var i = 0; i < 8; i++)
        {
            var act = () => Grain.ThrowOnOtherSiloAsync($"{_gate}-{i}", "oh no");
            var thrown = (await act.Should().ThrowAsync<TestFailureException>()).Which;
            thrown.Message.Should().Be("oh no");
            thrown.Code.Should().Be(7);
            thrown.ToString().Should().Contain("ThrowFromHere");
        }
    }

    // Values set by the caller travel along a chain of calls and do not come back.
    [Fact]
    public async Task Request_context_flows_along_calls()
    {
        RequestContext.Set("tenant", "blue");
        (await Grain.ContextAsync("tenant", 3)).Should().Be("blue");
        RequestContext.Remove("tenant");
        (await Grain.ContextAsync("tenant", 3)).Should().BeNull();
    }

    // Immutable messages arrive as sent.
    [Fact]
    public async Task Immutable_messages_arrive()
    {
        var payload = new Payload("disk", 1 << 20);
        (await Grain.EchoAsync(payload)).Should().Be(payload);
        ImmutableArray<Payload> many = [payload, payload with { Size = 1 }];
        (await Grain.EchoManyAsync(many)).Should().Equal(many);
    }

    // References can be passed to grains and returned from them; equal ids make equal references.
    [Fact]
    public async Task References_can_be_passed()
    {
        var reference = await Grain.ReferenceAsync("other");
        reference.Should().Be(cluster.Client.GetGrain<ICallGrain>("other"));
        reference.GetPrimaryKeyString().Should().Be("other");
        (await reference.KeyAsync()).Should().Be("other");
        (await Grain.CallAsync(reference)).Should().Be("other");
    }

    // An interface without a class is refused when the reference is made.
    [Fact]
    public void An_interface_without_a_class_is_refused() =>
        cluster.Client.Invoking(client => client.GetGrain<INobodyGrain>("x")).Should().Throw<ArgumentException>();
}
