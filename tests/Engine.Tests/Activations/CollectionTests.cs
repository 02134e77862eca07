using Orleans.Configuration;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

public sealed class CollectionTests
{
    // An activation idle for its age is collected; one that is kept alive or in use is not.
    [Fact]
    public async Task Idle_activations_are_collected()
    {
        await using var cluster = await TestCluster.StartAsync(
            1,
            silo => silo.Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionQuantum = TimeSpan.FromMilliseconds(500);
                options.CollectionAge = TimeSpan.FromSeconds(1.5);
            }));
        var (idle, used, kept) = (Gate.NewName(), Gate.NewName(), Gate.NewName());
        await Grain<LifeGrain>(cluster, idle).ActivationAsync();
        await Grain<KeptGrain>(cluster, kept).ActivationAsync();
        await Waiting.UntilAsync(
            async () =>
            {
                await Grain<LifeGrain>(cluster, used).ActivationAsync();
                return LifeGrain.EventsOf(idle).Count == 2;
            },
            "the idle grain collected");
        LifeGrain.EventsOf(idle).Should().Equal("activate 1", "deactivate 1 ActivationIdle");
        (await Grain<LifeGrain>(cluster, used).ActivationAsync()).Should().Be(1);
        (await Grain<KeptGrain>(cluster, kept).ActivationAsync()).Should().Be(1);
        (await Grain<LifeGrain>(cluster, idle).ActivationAsync()).Should().Be(2);
    }

    private static ILifeGrain Grain<TClass>(TestCluster cluster, string key) =>
        cluster.Client.GetGrain<ILifeGrain>(key, typeof(TClass).FullName);
}
