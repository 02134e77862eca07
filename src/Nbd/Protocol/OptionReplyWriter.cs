using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>Writes option replies as a server sends them.</summary>
internal static class OptionReplyWriter
{
    public static void WriteGreeting(ByteWriter to) =>
        to.U64(NbdMagic.Init).U64(NbdMagic.Option).U16((ushort)NbdHandshakeFlags.All);

    public static void WriteAck(ByteWriter to, NbdOption option) => Head(to, option, NbdOptionReply.Ack, 0);

    public static void WriteError(ByteWriter to, NbdOption option, NbdOptionReply error, string message)
    {
        var text = NbdText.Fit(message);
        Head(to, option, error, Encoding.UTF8.GetByteCount(text)).Text(text);
    }

    public static void WriteServer(ByteWriter to, NbdExportSummary export)
    {
        var name = Encoding.UTF8.GetByteCount(export.Name);
        var description = NbdText.Fit(export.Description);
        Head(to, NbdOption.List, NbdOptionReply.Server, 4 + name + Encoding.UTF8.GetByteCount(description))
            .U32((uint)name).Text(export.Name).Text(description);
    }

    public static void WriteInfoExport(ByteWriter to, NbdOption option, long size, NbdTransmissionFlags flags) =>
        Head(to, option, NbdOptionReply.Info, 12)
            .U16((ushort)NbdInfoType.Export).U64((ulong)size).U16((ushort)flags);

    public static void WriteInfoText(ByteWriter to, NbdOption option, NbdInfoType type, string value)
    {
        var text = NbdText.Fit(value);
        Head(to, option, NbdOptionReply.Info, 2 + Encoding.UTF8.GetByteCount(text)).U16((ushort)type).Text(text);
    }

    public static void WriteInfoBlockSize(ByteWriter to, NbdOption option, NbdBlockSizes sizes) =>
        Head(to, option, NbdOptionReply.Info, 14)
            .U16((ushort)NbdInfoType.BlockSize)
            .U32(sizes.Minimum).U32(sizes.Preferred).U32(sizes.MaximumPayload);

    public static void WriteMetaContext(ByteWriter to, NbdOption option, uint id, string name) =>
        Head(to, option, NbdOptionReply.MetaContext, 4 + Encoding.UTF8.GetByteCount(name)).U32(id).Text(name);

    /// <summary>Writes the answer to NBD_OPT_EXPORT_NAME, which has no reply head.</summary>
    public static void WriteExportName(ByteWriter to, long size, NbdTransmissionFlags flags, bool noZeroes) =>
        to.U64((ulong)size).U16((ushort)flags).Zeroes(noZeroes ? 0 : 124);

    private static ByteWriter Head(ByteWriter to, NbdOption option, NbdOptionReply type, int length) =>
        to.U64(NbdMagic.OptionReply).U32((uint)option).U32((uint)type).U32((uint)length);
}
