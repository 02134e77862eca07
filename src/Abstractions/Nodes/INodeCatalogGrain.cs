using Orleans;

namespace SnapshotGrains;

/// <summary>Records which silos are to take nothing new, and tells all silos of each change. Key: 0.</summary>
[Alias("snapgrains.INodeCatalogGrain")]
public interface INodeCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>From now on, also after its restart, a silo takes nothing new.</summary>
    /// <param name="silo">The silo's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("Drain")]
    Task DrainAsync(string silo, CancellationToken cancellationToken);

    /// <summary>A silo that was to be drained is to be used again.</summary>
    [Alias("Resume")]
    Task ResumeAsync(string silo, CancellationToken cancellationToken);

    /// <summary>A silo is about to leave: until its end it takes nothing new.</summary>
    /// <param name="address">The silo's address, which its next start will not have.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("Leave")]
    Task LeaveAsync(string address, CancellationToken cancellationToken);

    /// <summary>Which silos take nothing new.</summary>
    [Alias("Get")]
    Task<NodeDrains> GetAsync(CancellationToken cancellationToken);
}
