using Orleans;

namespace SnapshotGrains;

/// <summary>What is known of a trace.</summary>
/// <param name="Name">Its snapshot and profile.</param>
/// <param name="Segments">How many segments it has: those that at least half of the runs touched first.</param>
/// <param name="Bytes">Their size, in bytes.</param>
/// <param name="DurationSeconds">From the first touch to the last.</param>
/// <param name="Runs">How many runs it is merged of; the newest count.</param>
/// <param name="RecordedRuns">How many runs were recorded since it began.</param>
/// <param name="Agreement">Which part of the trace as it was then the newest run touched, 0 to 1; null before a second
/// run.</param>
/// <param name="UpdatedAt">When it changed last.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.TraceInfo")]
public sealed record TraceInfo(
    [property: Id(0)] TraceName Name,
    [property: Id(1)] int Segments,
    [property: Id(2)] long Bytes,
    [property: Id(3)] double DurationSeconds,
    [property: Id(4)] int Runs,
    [property: Id(5)] long RecordedRuns,
    [property: Id(6)] double? Agreement,
    [property: Id(7)] DateTimeOffset UpdatedAt);
