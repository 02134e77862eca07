using Orleans.Runtime.Placement;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Placement;

public sealed class PlacementTests : IAsyncLifetime
{
    private readonly string _key = Gate.NewName();
    private TestCluster? _cluster;

    private TestCluster Cluster => _cluster!;

    private string[] InOrder => [.. Cluster.Silos
        .Where(silo => !silo.IsStopped)
        .OrderBy(silo => silo.SiloPort)
        .Select(silo => silo.Address.ToParsableString())];

    // The director registered for a class's strategy decides, with the services of the silo it runs on; a silo that
    // joins is offered to it, one that has been stopped is not.
    [Fact]
    public async Task The_director_decides_among_the_silos_alive()
    {
        await CheckAsync("first");
        await Cluster.AddSiloAsync();
        await Cluster.UntilActiveAsync(3);
        await CheckAsync("joined");
        await Cluster.Silos[^1].StopAsync();
        await Cluster.UntilActiveAsync(2);
        await CheckAsync("left");
    }

    // A hint in the request context overrules the director that asks for it.
    [Fact]
    public async Task A_hint_is_followed()
    {
        for (var i = 0; i < 4; i++)
        {
            var silo = Cluster.Silos[i % 2];
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo.Address);
            (await Grain<ByLastDigitGrain>($"{_key}-hint{i}-0").SiloAsync())
                .Should().Be(silo.Address.ToParsableString());
            RequestContext.Clear();
        }
    }

    // A grain that migrates is where the director now wants it, also for those who call it at once.
    [Fact]
    public async Task A_migrating_grain_is_placed_anew()
    {
        var (wanted, other) = (InOrder[0], Cluster.Silos.Single(silo => silo.Address.ToParsableString() != InOrder[0]));
        for (var i = 0; i < 20; i++)
        {
            var grain = Grain<ByLastDigitGrain>($"{_key}-migrates{i}-0");
            RequestContext.Set(IPlacementDirector.PlacementHintKey, other.Address);
            (await grain.SiloAsync()).Should().Be(other.Address.ToParsableString());
            RequestContext.Clear();
            await grain.MigrateAsync();
            (await grain.SiloAsync()).Should().Be(wanted);
        }
    }

    // A class that prefers to be local is activated where it is called from.
    [Fact]
    public async Task Local_placement_stays_with_the_caller()
    {
        foreach (var silo in Cluster.Silos)
        {
            var here = silo.Address.ToParsableString();
            var grain = silo.Factory.GetGrain<IPlacedGrain>(Gate.NewName(), typeof(NearGrain).FullName);
            (await grain.SiloAsync()).Should().Be(here);
            (await grain.NeighbourAsync(Gate.NewName())).Should().Be(here);
        }
    }

    // Placement by hash spreads grains over the silos and is the same for everybody.
    [Fact]
    public async Task Hashed_placement_uses_all_silos()
    {
        var places = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => Grain<HashedGrain>($"{_key}-{i}").SiloAsync()));
        places.Distinct().Should().BeEquivalentTo(InOrder);
    }

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(
        2, silo => silo.AddPlacementDirector<ByLastDigitStrategy, ByLastDigitDirector>());

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    private async Task CheckAsync(string round)
    {
        var silos = InOrder;
        for (var i = 0; i < 10; i++)
        {
            (await Grain<ByLastDigitGrain>($"{_key}-{round}-{i}").SiloAsync()).Should().Be(silos[i % silos.Length]);
        }
    }

    private IPlacedGrain Grain<TClass>(string key) =>
        Cluster.Client.GetGrain<IPlacedGrain>(key, typeof(TClass).FullName);
}
