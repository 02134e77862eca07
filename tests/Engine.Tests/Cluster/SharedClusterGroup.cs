namespace SnapshotGrains.Engine.Tests.Cluster;

[CollectionDefinition(Name)]
public sealed class SharedClusterGroup : ICollectionFixture<SharedCluster>
{
    public const string Name = "shared cluster";
}
