namespace SnapshotGrains.Nbd;

/// <summary>Why a connection ended.</summary>
public enum NbdCloseReason
{
    /// <summary>NBD_CMD_DISC or NBD_OPT_ABORT.</summary>
    ClientDisconnected,

    /// <summary>The peer closed the connection without saying so, or it broke.</summary>
    ConnectionLost,

    /// <summary>The peer broke a rule after which the byte stream cannot be trusted.</summary>
    ProtocolViolation,

    /// <summary>NBD_OPT_EXPORT_NAME named an export that is not to be had.</summary>
    ExportRefused,

    /// <summary>The handshake did not end by its deadline.</summary>
    HandshakeTimeout,

    /// <summary>The TLS handshake failed.</summary>
    TlsFailed,

    /// <summary>The server is stopping.</summary>
    ServerStopping,

    /// <summary>A bug of ours or of the export provider's; the event carries the exception.</summary>
    InternalError,
}
