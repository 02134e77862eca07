using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Calls;

public sealed class HelloTests
{
    // Grains of a two-silo cluster answer a client; placed at random, both silos host some of them.
    [Fact]
    public async Task Grains_answer_from_both_silos()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        (await cluster.Client.GetGrain<IHelloGrain>("a").SayAsync("you")).Should().Be("Hello you from a");
        var places = new HashSet<string>();
        for (var i = 0; i < 50; i++)
        {
            places.Add(await cluster.Client.GetGrain<IHelloGrain>($"g{i}").WhereAsync());
        }

        places.Should().BeEquivalentTo(cluster.Silos.Select(silo => silo.Address.ToParsableString()));
    }
}
