namespace SnapshotGrains.Cli.Output;

/// <summary>The line that <c>attach --json</c> prints once it serves.</summary>
/// <param name="Nbd">Where guests connect; the export's name goes behind.</param>
internal sealed record AgentStarted(IReadOnlyList<string> Nbd);
