using Orleans;

namespace SnapshotGrains;

/// <summary>A silo's own view of its cache and traffic. Key: the silo's address; it is placed on that silo.</summary>
[Alias("snapgrains.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Counters since the silo started.</summary>
    [Alias("Describe")]
    Task<NodeInfo> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Caps what hydration reads on this node, from now on until it restarts.</summary>
    /// <param name="bytesPerSecond">The cap, at least 64 KiB; null: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("SetHydrationLimit")]
    Task SetHydrationLimitAsync(long? bytesPerSecond, CancellationToken cancellationToken);
}
