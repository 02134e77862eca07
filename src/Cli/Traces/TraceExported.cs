namespace SnapshotGrains.Cli.Traces;

/// <summary>What <c>trace export --json</c> prints.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Profile">The profile.</param>
/// <param name="File">Where the trace is.</param>
/// <param name="Segments">How many segments it has.</param>
internal sealed record TraceExported(SnapshotId Snapshot, string Profile, string File, int Segments);
