namespace SnapshotGrains.Nbd;

/// <summary>What an export is and can do; must not change while the export is open.</summary>
public sealed record NbdExportInfo
{
    /// <summary>The canonical name (NBD_INFO_NAME).</summary>
    public required string Name { get; init; }

    /// <summary>A sentence for people (NBD_INFO_DESCRIPTION); empty: none is sent.</summary>
    public string Description { get; init; } = "";

    /// <summary>Size of the export in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>NBD_FLAG_READ_ONLY; every writing command is then answered with EPERM before it gets here.</summary>
    public bool IsReadOnly { get; init; } = true;

    /// <summary>NBD_FLAG_CAN_MULTI_CONN: a flush on one connection covers the writes of all.</summary>
    public bool CanMultiConn { get; init; } = true;

    /// <summary>NBD_FLAG_SEND_FLUSH.</summary>
    public bool CanFlush { get; init; } = true;

    /// <summary>NBD_FLAG_SEND_FUA.</summary>
    public bool CanFua { get; init; }

    /// <summary>NBD_FLAG_SEND_TRIM.</summary>
    public bool CanTrim { get; init; }

    /// <summary>NBD_FLAG_SEND_WRITE_ZEROES.</summary>
    public bool CanWriteZeroes { get; init; }

    /// <summary>NBD_FLAG_SEND_FAST_ZERO; needs <see cref="CanWriteZeroes"/>.</summary>
    public bool CanFastZero { get; init; }

    /// <summary>NBD_FLAG_SEND_CACHE.</summary>
    public bool CanCache { get; init; } = true;

    /// <summary>Size constraints.</summary>
    public NbdBlockSizes BlockSizes { get; init; } = NbdBlockSizes.Default;

    internal NbdTransmissionFlags ToFlags(bool structuredReplies)
    {
        var flags = NbdTransmissionFlags.HasFlags;
        flags |= When(IsReadOnly, NbdTransmissionFlags.ReadOnly);
        flags |= When(CanFlush, NbdTransmissionFlags.SendFlush);
        flags |= When(CanFua, NbdTransmissionFlags.SendFua);
        flags |= When(CanTrim, NbdTransmissionFlags.SendTrim);
        flags |= When(CanWriteZeroes, NbdTransmissionFlags.SendWriteZeroes);
        flags |= When(CanWriteZeroes && CanFastZero, NbdTransmissionFlags.SendFastZero);
        flags |= When(CanMultiConn, NbdTransmissionFlags.CanMultiConn);
        flags |= When(CanCache, NbdTransmissionFlags.SendCache);
        return flags | When(structuredReplies, NbdTransmissionFlags.SendDf);
    }

    internal void Validate()
    {
        if (SizeBytes < 0)
        {
            throw new NbdException(NbdError.InvalidArgument, $"Export '{Name}' says its size is {SizeBytes} bytes.");
        }

        BlockSizes.Validate();
    }

    private static NbdTransmissionFlags When(bool condition, NbdTransmissionFlags flag) => condition ? flag : 0;
}
