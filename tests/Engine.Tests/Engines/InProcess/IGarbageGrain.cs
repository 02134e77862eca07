namespace SnapshotGrains.Engine.Tests.Cluster;

public interface IGarbageGrain : IGrainWithStringKey
{
    Task TouchAsync();
}
