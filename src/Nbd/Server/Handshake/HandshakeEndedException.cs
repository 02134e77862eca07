namespace SnapshotGrains.Nbd;

/// <summary>Ends a handshake that does not lead to an export; not an error of ours.</summary>
internal sealed class HandshakeEndedException(NbdCloseReason reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public NbdCloseReason Reason { get; } = reason;
}
