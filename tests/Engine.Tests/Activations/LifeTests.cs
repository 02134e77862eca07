using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

[Collection(SharedClusterGroup.Name)]
public sealed class LifeTests(SharedCluster cluster)
{
    private readonly string _key = Gate.NewName();

    // However many callers on whichever side call at once, a key has one activation.
    [Fact]
    public async Task A_grain_has_one_activation_in_the_cluster()
    {
        IGrainFactory[] callers = [cluster.Client, .. cluster.Silos.Select(silo => silo.Factory)];
        for (var round = 0; round < 20; round++)
        {
            var key = $"{_key}-{round}";
            var grains = callers
                .Select(caller => caller.GetGrain<ILifeGrain>(key, typeof(LifeGrain).FullName)).ToArray();
            var answers = await Task.WhenAll(
                Enumerable.Range(0, 60).Select(i => Task.Run(() => grains[i % grains.Length].SiloAsync())));
            answers.Distinct().Should().ContainSingle();
        }
    }

    // A grain that deactivates itself ends the call in flight, runs OnDeactivateAsync once, and later calls, those
    // already waiting included, find a new activation.
    [Fact]
    public async Task Deactivation_lets_calls_in_flight_end()
    {
        var gate = Gate.NewName();
        var grain = cluster.Client.GetGrain<ILifeGrain>(_key, typeof(LifeGrain).FullName);
        var leaving = grain.LeaveAsync(gate);
        await Gate.Of(gate).Entered;
        var waiting = Enumerable.Range(0, 5).Select(_ => grain.ActivationAsync()).ToArray();
        Gate.Of(gate).Open();
        (await leaving).Should().Be(1);
        (await Task.WhenAll(waiting)).Should().OnlyContain(activation => activation == 2);
        (await grain.ActivationAsync()).Should().Be(2);
        LifeGrain.EventsOf(_key).Should().Equal("activate 1", "deactivate 1 ApplicationRequested", "activate 2");
    }

    // Deactivating again and again under load loses no call.
    [Fact]
    public async Task Calls_survive_a_storm_of_deactivations()
    {
        var gate = Gate.NewName();
        Gate.Of(gate).Open();
        var grain = cluster.Client.GetGrain<ILifeGrain>(_key, typeof(LifeGrain).FullName);
        for (var round = 0; round < 20; round++)
        {
            var calls = Enumerable.Range(0, 10).Select(_ => grain.ActivationAsync()).Append(grain.LeaveAsync(gate));
            await Task.WhenAll(calls);
        }

        var events = LifeGrain.EventsOf(_key).ToArray();
        events.Should().OnlyHaveUniqueItems();
        events.Count(e => e.StartsWith("activate", StringComparison.Ordinal)).Should().BeInRange(20, 21);
    }
}
