namespace SnapshotGrains.Nbd;

/// <summary>Error values on the wire (proto.md, "Error values").</summary>
public enum NbdError : uint
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>NBD_EPERM.</summary>
    NotPermitted = 1,

    /// <summary>NBD_EIO.</summary>
    Io = 5,

    /// <summary>NBD_ENOMEM.</summary>
    NoMemory = 12,

    /// <summary>NBD_EINVAL.</summary>
    InvalidArgument = 22,

    /// <summary>NBD_ENOSPC.</summary>
    NoSpace = 28,

    /// <summary>NBD_EOVERFLOW.</summary>
    Overflow = 75,

    /// <summary>NBD_ENOTSUP.</summary>
    NotSupported = 95,

    /// <summary>NBD_ESHUTDOWN.</summary>
    Shutdown = 108,
}
