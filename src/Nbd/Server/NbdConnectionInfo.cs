namespace SnapshotGrains.Nbd;

/// <summary>Who a connection is, in events.</summary>
/// <param name="Id">Unique within the server, counted from 1.</param>
/// <param name="Listener">The address it came in on.</param>
/// <param name="Remote">The peer's address; empty for a Unix socket.</param>
public sealed record NbdConnectionInfo(long Id, string Listener, string Remote);
