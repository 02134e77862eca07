using Orleans.Configuration;
using SnapshotGrains.Engine.Tests.Cluster;
using SnapshotGrains.Engine.Tests.Placement;

namespace SnapshotGrains.Engine.Tests.Membership;

public sealed class DeathTests
{
    // A silo that dies loses its grains without OnDeactivateAsync. A call that another silo's grain has pending there
    // fails with SiloUnavailableException; later calls, a client's included, activate elsewhere. (On Orleans grains of
    // other silos may move too, where the dead silo held their directory entries; not so in one process.)
    [Fact]
    public async Task A_dead_silo_loses_its_grains()
    {
        await using var cluster = await TestCluster.StartAsync(
            3, silo => silo.AddPlacementDirector<ByLastDigitStrategy, ByLastDigitDirector>());
        var (id, gate) = (Gate.NewName(), Gate.NewName());
        var grains = Enumerable.Range(0, 9).Select(i => cluster.Client.GetGrain<ISteadyGrain>($"{id}-{i}")).ToArray();
        var places = await Task.WhenAll(grains.Select(grain => grain.SiloAsync()));
        var dying = cluster.Silos[1];
        var there = dying.Address.ToParsableString();
        var victims = grains.Where((_, i) => places[i] == there).ToArray();
        var caller = grains[Array.IndexOf(places, cluster.Silos[0].Address.ToParsableString())];
        victims.Should().HaveCount(3);
        var pending = caller.WorkElsewhereAsync(victims[0].GetPrimaryKeyString(), gate);
        await Gate.Of(gate).Entered;

        await dying.KillAsync();
        var act = () => pending;
        await act.Should().ThrowAsync<SiloUnavailableException>();
        await cluster.UntilActiveAsync(2);
        var later = new string[grains.Length];
        for (var i = 0; i < grains.Length; i++)
        {
            later[i] = await UntilAnsweredAsync(grains[i]);
        }

        later.Should().NotContain(there);
        victims.Should().NotContain(victim => SteadyGrain.Deactivated.ContainsKey(victim.GetPrimaryKeyString()));
        Gate.Of(gate).Open();
    }

    // Silos die one after the other, replaced each time, under a load of calls: a call fails only with an error that
    // says so, and in the end every grain answers.
    [Fact]
    public async Task A_client_survives_the_death_of_silos()
    {
        await using var cluster = await TestCluster.StartAsync(
            2,
            silo => silo.AddPlacementDirector<ByLastDigitStrategy, ByLastDigitDirector>(),
            client => client.Configure<ClientMessagingOptions>(
                options => options.ResponseTimeout = TimeSpan.FromSeconds(3)));
        var grains = Enumerable.Range(0, 10)
            .Select(i => cluster.Client.GetGrain<ISteadyGrain>($"{Gate.NewName()}-{i}")).ToArray();
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(grains.Select(grain => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await TryAsync(grain);
                await Task.Yield();
            }
        })));
        for (var round = 0; round < 2; round++)
        {
            await cluster.Silos[^1].KillAsync();
            await cluster.UntilActiveAsync(1);
            await cluster.AddSiloAsync();
            await cluster.UntilActiveAsync(2);
        }

        await stop.CancelAsync();
        await load;
        foreach (var grain in grains)
        {
            await UntilAnsweredAsync(grain);
        }
    }

    private static async Task<string> UntilAnsweredAsync(ISteadyGrain grain)
    {
        string? answer = null;
        await Waiting.UntilAsync(async () => (answer = await TryAsync(grain)) is not null, "an answer");
        return answer!;
    }

    // What is in flight when a silo dies fails, and the caller knows that it may call again. A client of Orleans whose
    // gateway lives does not hear of the death of the silo behind it; its call ends by the time-out.
    private static async Task<string?> TryAsync(ISteadyGrain grain)
    {
        try
        {
            return await grain.SiloAsync();
        }
        catch (Exception exception) when (exception is OrleansMessageRejectionException or TimeoutException)
        {
            return null;
        }
    }
}
