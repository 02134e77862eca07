using Orleans.Configuration;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

/// <summary>What code of grains cannot bring about, however badly it behaves.</summary>
[Collection(SharedClusterGroup.Name)]
public sealed class RobustnessTests(SharedCluster cluster)
{
    private readonly string _gate = Gate.NewName();

    private ICallbackGrain Grain => cluster.Client.GetGrain<ICallbackGrain>(_gate);

    // A callback on a timer's token that throws does not keep its grain from being deactivated.
    [Fact]
    public async Task A_throwing_timer_callback_does_not_stop_a_deactivation()
    {
        var first = await Grain.InstanceAsync();
        await Grain.StartTimerAsync(_gate);
        await Gate.Of(_gate).Entered;
        await Grain.LeaveAsync();
        (await Grain.InstanceAsync()).Should().NotBe(first);
    }

    // A callback on a call's token that throws costs neither the caller nor the grain anything.
    [Fact]
    public async Task A_throwing_call_callback_harms_nobody()
    {
        using var cancellation = new CancellationTokenSource();
        var call = Grain.WaitAsync(_gate, cancellation.Token);
        await Gate.Of(_gate).Entered;
        await cancellation.CancelAsync();
        var act = () => call;
        await act.Should().ThrowAsync<OperationCanceledException>();
        (await Grain.InstanceAsync()).Should().NotBeEmpty();
    }

    // The sender of a one-way call has let go of it: its token does not reach the callee any more.
    [Fact]
    public async Task A_one_way_call_is_not_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        await Grain.NoteAsync(_gate, cancellation.Token);
        await Gate.Of(_gate).Entered;
        await cancellation.CancelAsync();
        Gate.Of(_gate).Open();
        await Gate.Of(_gate + "-done").Entered;
    }

    // Disposing of a reentrancy section twice does nothing.
    [Fact]
    public async Task A_reentrancy_section_may_be_left_twice() => await Grain.LeaveSectionTwiceAsync();

    // A silo that dies cancels the activations in progress, and they give back what they have got so far.
    [Fact]
    public async Task Death_cancels_activations_in_progress()
    {
        await using var mortal = await TestCluster.StartAsync(1);
        var call = mortal.Client.GetGrain<IFailingGrain>(_gate, typeof(SlowGrain).FullName).AnswerAsync();
        await Gate.Of(_gate).Entered;
        await mortal.Silos[0].KillAsync();
        var act = () => call;
        await act.Should().ThrowAsync<SiloUnavailableException>();
        await Gate.Of(_gate + "-disposed").Entered;
    }

    // The time-out of an activation holds for its stages, too.
    [Fact]
    public async Task A_stuck_stage_ends_by_the_time_out()
    {
        await using var quick = await TestCluster.StartAsync(
            1,
            silo => silo.Configure<GrainCollectionOptions>(
                options => options.ActivationTimeout = TimeSpan.FromSeconds(0.2)));
        await quick.Client.GetGrain<IFailingGrain>(_gate, typeof(StuckGrain).FullName)
            .Awaiting(grain => grain.AnswerAsync()).Should().ThrowAsync<OperationCanceledException>();
    }

    // A silo that was killed stays dead, so that another may start at its address.
    [Fact]
    public async Task Death_is_final()
    {
        await using var mortal = await TestCluster.StartAsync(2);
        var dead = mortal.Silos[1];
        await dead.KillAsync();
        var hosts = await mortal.Client.GetGrain<IManagementGrain>(0).GetHosts();
        hosts[dead.Address].Should().Be(SiloStatus.Dead);

        var next = await mortal.AddSiloAsync(
            silo => silo.Configure<EndpointOptions>(options => options.SiloPort = dead.SiloPort));
        next.Address.Endpoint.Should().Be(dead.Address.Endpoint);
        await mortal.UntilActiveAsync(2);
    }
}
