namespace SnapshotGrains.Silo;

/// <summary>Whether connections to the NBD server over TCP are encrypted. A Unix socket has file rights instead.
/// </summary>
public enum NbdTlsPolicy
{
    /// <summary>TLS is not offered.</summary>
    Off,

    /// <summary>The client chooses.</summary>
    Allow,

    /// <summary>Without TLS nothing is served.</summary>
    Require,

    /// <summary>Without TLS, and a client certificate of <see cref="TlsFiles.Ca"/>, nothing is served.</summary>
    Mutual,
}
