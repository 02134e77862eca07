using Orleans;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Traces;

/// <summary>What is stored of a snapshot's traces.</summary>
[GenerateSerializer, Alias("snapgrains.TraceState")]
public sealed class TraceState : StampedState
{
    /// <summary>The traces by profile.</summary>
    [Id(0)]
    public Dictionary<string, TraceRecord> Profiles { get; set; } = new(StringComparer.Ordinal);
}
