namespace SnapshotGrains.Nbd;

/// <summary>What all connections of a server share.</summary>
internal sealed record ServerContext(
    INbdExportProvider Provider, NbdServerOptions Options, BackgroundWork Background);
