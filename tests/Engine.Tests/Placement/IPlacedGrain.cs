namespace SnapshotGrains.Engine.Tests.Placement;

public interface IPlacedGrain : IGrainWithStringKey
{
    Task<string> SiloAsync();

    Task MigrateAsync();

    /// <summary>Where a grain of this class that it calls for the first time is.</summary>
    Task<string> NeighbourAsync(string key);
}
