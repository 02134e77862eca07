using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>
/// Reads little-endian fields from a stream and keeps the CRC-32C of what it has read. Long arrays are read piece by
/// piece, so a header that lies about a length costs no more memory than the stream has bytes.
/// </summary>
public sealed class FormatReader(Stream stream, string what)
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Bytes read so far.</summary>
    public long Offset { get; private set; }

    /// <summary>CRC-32C of all bytes read so far.</summary>
    public uint Checksum { get; private set; }

    /// <summary>Fills <paramref name="destination"/>.</summary>
    /// <exception cref="CorruptFormatException">The stream ends first.</exception>
    public void Read(Span<byte> destination)
    {
        var got = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        if (got != destination.Length)
        {
            throw Corrupt(Offset + got, $"it ends here, {destination.Length - got} bytes early");
        }

        Checksum = Crc32C.Append(Checksum, destination);
        Offset += destination.Length;
    }

    /// <summary>Reads one byte.</summary>
    public byte ReadByte()
    {
        Span<byte> bytes = stackalloc byte[1];
        Read(bytes);
        return bytes[0];
    }

    /// <summary>Reads two bytes.</summary>
    public ushort ReadUInt16()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>Reads four bytes.</summary>
    public uint ReadUInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Reads eight bytes.</summary>
    public long ReadInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Read(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>Reads <paramref name="count"/> bytes that a header promised, growing only as they arrive.</summary>
    public byte[] ReadBytes(long count)
    {
        var bytes = new byte[Math.Min(count, PieceBytes)];
        long filled = 0;
        while (filled < count)
        {
            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(count, filled * 2));
            }

            var piece = bytes.AsSpan((int)filled);
            piece = piece[..Math.Min(piece.Length, PieceBytes)];
            Read(piece);
            filled += piece.Length;
        }

        return bytes;
    }

    /// <summary>Reads the four checksum bytes and compares them with everything read before them.</summary>
    /// <exception cref="CorruptFormatException">They differ.</exception>
    public void VerifyChecksum()
    {
        var computed = Checksum;
        var at = Offset;
        var stored = ReadUInt32();
        if (stored != computed)
        {
            throw Corrupt(at, $"checksum {computed:x8} was computed but {stored:x8} is stored");
        }
    }

    /// <summary>Reads magic and version.</summary>
    /// <exception cref="CorruptFormatException">The magic is another, or the version is not supported.</exception>
    public void VerifyStart(ReadOnlySpan<byte> magic, ushort version)
    {
        Span<byte> found = stackalloc byte[magic.Length];
        Read(found);
        if (!found.SequenceEqual(magic))
        {
            throw Corrupt(0, $"it starts with {Convert.ToHexStringLower(found)}, which is not a {what}");
        }

        var at = Offset;
        var actual = ReadUInt16();
        if (actual != version)
        {
            var reason = $"it has version {actual}, this program reads version {version}";
            throw new CorruptFormatException(what, at, reason) { IsUnsupportedVersion = true };
        }
    }

    /// <summary>Checks that nothing follows.</summary>
    /// <exception cref="CorruptFormatException">More bytes follow.</exception>
    public void VerifyEnd()
    {
        if (stream.ReadByte() >= 0)
        {
            throw Corrupt(Offset, "more bytes follow its end");
        }
    }

    /// <summary>An error that names this structure.</summary>
    public CorruptFormatException Corrupt(long offset, string reason) => new(what, offset, reason);
}
