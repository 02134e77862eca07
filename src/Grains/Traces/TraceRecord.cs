using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains.Grains.Traces;

/// <summary>What is stored of one trace.</summary>
/// <param name="Runs">The newest runs, encoded, oldest first.</param>
/// <param name="UpdatedAt">When it changed last.</param>
/// <param name="RecordedRuns">Runs that were recorded since it began.</param>
/// <param name="Agreement">Which part of the trace the newest run touched; null before a second run.</param>
/// <param name="ShortRuns">Runs in a row that were left out because they touched so little.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.TraceRecord")]
public sealed record TraceRecord(
    [property: Id(0)] ImmutableArray<byte[]> Runs,
    [property: Id(1)] DateTimeOffset UpdatedAt,
    [property: Id(2)] long RecordedRuns = 0,
    [property: Id(3)] double? Agreement = null,
    [property: Id(4)] int ShortRuns = 0);
