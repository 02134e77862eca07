using Orleans;

namespace SnapshotGrains.Grains.Batches;

/// <summary>What the catalog of batch clones stores.</summary>
[GenerateSerializer, Alias("snapgrains.BatchCloneCatalogState")]
public sealed class BatchCloneCatalogState
{
    /// <summary>Operations that run, in the order they were started in.</summary>
    [Id(0)]
    public List<string> Running { get; set; } = [];

    /// <summary>Operations that have ended, in that order.</summary>
    [Id(1)]
    public List<string> Ended { get; set; } = [];

    /// <summary>Disks a second of recent batches; 0 before the first.</summary>
    [Id(2)]
    public double DisksPerSecond { get; set; }

    /// <summary>A copy to change: what is not written must not be seen.</summary>
    internal BatchCloneCatalogState Copy() => new()
    {
        Running = [.. Running],
        Ended = [.. Ended],
        DisksPerSecond = DisksPerSecond,
    };
}
