namespace SnapshotGrains.Nbd;

/// <summary>What a handshake ended with: the export, now owned by the connection, and how to answer.</summary>
internal sealed record NegotiatedExport(INbdExport Export, bool StructuredReplies, bool BlockStatus);
