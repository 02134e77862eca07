using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>The first page of a map file (docs/FORMATS.md, "Overlay"), stored twice like every other.</summary>
/// <param name="DiskId">The disk it belongs to.</param>
/// <param name="SizeBytes">Size of the disk.</param>
/// <param name="Epoch">The owner that wrote the file.</param>
/// <param name="Generation">Number of the file: one more than that of the file it replaced.</param>
/// <param name="CheckpointPages">Pages after this one that were written before the file got its name.</param>
/// <param name="Progress">Blocks that have left the parent, by source, in those pages.</param>
internal readonly record struct MapHeader(
    Guid DiskId, long SizeBytes, long Epoch, long Generation, uint CheckpointPages, SourceCounts Progress)
{
    private const int ChecksumAt = OverlayLayout.PageBytes - sizeof(uint);
    private const int UuidBytes = 16;

    private static ReadOnlySpan<byte> Magic => "SGOVRMAP"u8;

    /// <summary>Writes both copies.</summary>
    public void Write(Span<byte> pair)
    {
        pair.Clear();
        var stream = new MemoryStream(OverlayLayout.PageBytes);
        var writer = new FormatWriter(stream.Write);
        writer.Write(Magic);
        writer.Write(OverlayLayout.Version);
        writer.Write((ushort)0);
        writer.Write((uint)OverlayLayout.BlockBytes);
        Span<byte> id = stackalloc byte[UuidBytes];
        DiskId.TryWriteBytes(id, bigEndian: true, out _);
        writer.Write(id);
        writer.Write(SizeBytes);
        writer.Write(Epoch);
        writer.Write(Generation);
        writer.Write(CheckpointPages);
        Span<byte> progress = stackalloc byte[SourceCounts.LengthBytes];
        Progress.Write(progress);
        writer.Write(progress);
        writer.Write(new byte[ChecksumAt - writer.Offset]);
        writer.WriteChecksum();
        stream.ToArray().CopyTo(pair);
        stream.ToArray().CopyTo(pair[OverlayLayout.PageBytes..]);
    }

    /// <summary>Reads one copy.</summary>
    /// <exception cref="CorruptFormatException">It is damaged, or of another version.</exception>
    public static MapHeader Read(byte[] page)
    {
        var reader = new FormatReader(new MemoryStream(page), "overlay map");
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(ChecksumAt));
        if (stored != Crc32C.Compute(page.AsSpan(0, ChecksumAt)))
        {
            throw reader.Corrupt(ChecksumAt, "its header does not have its checksum");
        }

        reader.VerifyStart(Magic, OverlayLayout.Version);
        _ = reader.ReadUInt16();
        var blockBytes = reader.ReadUInt32();
        if (blockBytes != OverlayLayout.BlockBytes)
        {
            throw reader.Corrupt(reader.Offset, $"it has blocks of {blockBytes} bytes");
        }

        var id = new Guid(reader.ReadBytes(UuidBytes), bigEndian: true);
        return new(
            id, reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadUInt32(),
            SourceCounts.Read(reader.ReadBytes(SourceCounts.LengthBytes)));
    }
}
