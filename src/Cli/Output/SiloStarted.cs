namespace SnapshotGrains.Cli.Output;

/// <summary>The line that <c>silo --json</c> prints once it serves.</summary>
/// <param name="Engine">The grain engine.</param>
/// <param name="Silos">The silos' names.</param>
/// <param name="Http">Where the HTTP API is.</param>
/// <param name="Nbd">Where the NBD server is; the export's name goes behind.</param>
internal sealed record SiloStarted(string Engine, IReadOnlyList<string> Silos, Uri Http, IReadOnlyList<string> Nbd);
