namespace SnapshotGrains.Nbd;

/// <summary>Whether a server speaks TLS (proto.md, "TLS support").</summary>
public enum NbdTlsMode
{
    /// <summary>NOTLS: NBD_OPT_STARTTLS is answered with NBD_REP_ERR_POLICY.</summary>
    Off,

    /// <summary>SELECTIVETLS without TLS-only exports: the client chooses.</summary>
    Optional,

    /// <summary>FORCEDTLS: before TLS only NBD_OPT_STARTTLS and NBD_OPT_ABORT are served.</summary>
    Required,
}
