using SnapshotGrains.Engine.Tests.Cluster;
using SnapshotGrains.Engine.Tests.Placement;

namespace SnapshotGrains.Engine.Tests.Membership;

public sealed class DrainTests
{
    // A silo that is stopped properly deactivates its grains, ends calls in flight with their answers, and new calls,
    // which never fail, find the grains on the other silo.
    [Fact]
    public async Task A_draining_silo_hands_its_grains_over()
    {
        await using var cluster = await TestCluster.StartAsync(
            2, silo => silo.AddPlacementDirector<ByLastDigitStrategy, ByLastDigitDirector>());
        var (id, gate) = (Gate.NewName(), Gate.NewName());
        var leaving = cluster.Silos[1];
        var there = leaving.Address.ToParsableString();
        var grains = Enumerable.Range(0, 10).Select(i => cluster.Client.GetGrain<ISteadyGrain>($"{id}-{i}")).ToArray();
        var places = await Task.WhenAll(grains.Select(grain => grain.SiloAsync()));
        places.Count(place => place == there).Should().Be(5);
        var inFlight = grains[Array.IndexOf(places, there)].WorkAsync(gate);
        await Gate.Of(gate).Entered;

        var stopping = leaving.StopAsync();
        var meanwhile = Task.WhenAll(grains.Where((_, i) => places[i] != there).Select(grain => grain.SiloAsync()));
        (await meanwhile).Should().NotContain(there);
        Gate.Of(gate).Open();
        (await inFlight).Should().Be(there);
        await stopping;

        (await Task.WhenAll(grains.Select(grain => grain.SiloAsync())))
            .Should().OnlyContain(place => place == cluster.Silos[0].Address.ToParsableString());
        grains.Where((_, i) => places[i] == there).Should().OnlyContain(grain =>
            SteadyGrain.Deactivated[grain.GetPrimaryKeyString()] == DeactivationReasonCode.ShuttingDown);
    }
}
