namespace SnapshotGrains.Engine.Tests.Placement;

public abstract class PlacedGrain(ILocalSiloDetails silo) : Grain, IPlacedGrain
{
    public Task<string> SiloAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task MigrateAsync()
    {
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string> NeighbourAsync(string key) =>
        GrainFactory.GetGrain<IPlacedGrain>(key, GetType().FullName).SiloAsync();
}
