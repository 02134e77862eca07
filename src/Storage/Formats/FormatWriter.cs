using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>Writes little-endian fields to a sink and keeps the CRC-32C of what it has written.</summary>
public sealed class FormatWriter(ByteSink sink)
{
    /// <summary>Bytes written so far.</summary>
    public long Offset { get; private set; }

    /// <summary>CRC-32C of all bytes written so far.</summary>
    public uint Checksum { get; private set; }

    /// <summary>Writes raw bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Checksum = Crc32C.Append(Checksum, bytes);
        Offset += bytes.Length;
        sink(bytes);
    }

    /// <summary>Writes two bytes.</summary>
    public void Write(ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        Write(bytes);
    }

    /// <summary>Writes four bytes.</summary>
    public void Write(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(bytes);
    }

    /// <summary>Writes eight bytes.</summary>
    public void Write(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Write(bytes);
    }

    /// <summary>Writes the 32 bytes of a digest.</summary>
    public void Write(in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.SizeBytes];
        digest.CopyTo(bytes);
        Write(bytes);
    }

    /// <summary>Writes the checksum of everything before it.</summary>
    public void WriteChecksum() => Write(Checksum);
}
