namespace SnapshotGrains.Nbd;

/// <summary>How NBD_CMD_WRITE_ZEROES is to be done.</summary>
[Flags]
public enum NbdZeroFlags
{
    /// <summary>A hole will do.</summary>
    None = 0,

    /// <summary>NBD_CMD_FLAG_FUA: durable before the reply.</summary>
    Fua = 1,

    /// <summary>NBD_CMD_FLAG_NO_HOLE: the area stays provisioned.</summary>
    NoHole = 2,

    /// <summary>
    /// NBD_CMD_FLAG_FAST_ZERO: fail with <see cref="NbdError.NotSupported"/> unless faster than a write.
    /// </summary>
    FastZero = 4,
}
