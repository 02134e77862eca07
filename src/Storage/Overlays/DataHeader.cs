namespace SnapshotGrains.Storage;

/// <summary>
/// Slot 0 of a data file (docs/FORMATS.md, "Overlay"). The map says the same, so damage here is repaired; it keeps
/// another disk's file from being taken for this one's.
/// </summary>
internal static class DataHeader
{
    private const int UuidBytes = 16;

    private static ReadOnlySpan<byte> Magic => "SGOVRDAT"u8;

    /// <summary>The slot's bytes.</summary>
    public static byte[] Create(Guid diskId)
    {
        var stream = new MemoryStream(OverlayLayout.BlockBytes);
        var writer = new FormatWriter(stream.Write);
        writer.Write(Magic);
        writer.Write(OverlayLayout.Version);
        writer.Write((ushort)0);
        writer.Write((uint)OverlayLayout.BlockBytes);
        writer.Write(diskId.ToByteArray(bigEndian: true));
        writer.Write(new byte[OverlayLayout.BlockBytes - sizeof(uint) - (int)writer.Offset]);
        writer.WriteChecksum();
        return stream.ToArray();
    }

    /// <summary>The disk that the file belongs to.</summary>
    /// <exception cref="CorruptFormatException">The header is damaged, or of another version.</exception>
    public static Guid Read(byte[] slot)
    {
        var reader = new FormatReader(new MemoryStream(slot), "overlay data file");
        reader.VerifyStart(Magic, OverlayLayout.Version);
        _ = reader.ReadUInt16();
        _ = reader.ReadUInt32();
        var id = new Guid(reader.ReadBytes(UuidBytes), bigEndian: true);
        _ = reader.ReadBytes(slot.Length - sizeof(uint) - reader.Offset);
        reader.VerifyChecksum();
        return id;
    }
}
