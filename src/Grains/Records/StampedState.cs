using Orleans;

namespace SnapshotGrains.Grains.Records;

/// <summary>A state that says which write it is of.</summary>
[GenerateSerializer, Alias("snapgrains.StampedState")]
public abstract class StampedState
{
    /// <summary>Another one with each write.</summary>
    [Id(0)]
    public Guid Stamp { get; set; }
}
