using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>Writes heads of replies into spans. The cookie stays in wire order.</summary>
internal static class ReplyWriter
{
    public const int SimpleBytes = 16;
    public const int ChunkBytes = 20;
    public const int OffsetDataBytes = ChunkBytes + 8;
    public const int OffsetHoleBytes = ChunkBytes + 12;

    public static void WriteSimple(Span<byte> to, ulong cookie, NbdError error)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, NbdMagic.SimpleReply);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], (uint)error);
        MemoryMarshal.Write(to[8..], in cookie);
    }

    public static void WriteChunk(Span<byte> to, ulong cookie, NbdChunkType type, bool done, uint payloadLength)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, NbdMagic.StructuredReply);
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)(done ? NbdReplyFlags.Done : NbdReplyFlags.None));
        BinaryPrimitives.WriteUInt16BigEndian(to[6..], (ushort)type);
        MemoryMarshal.Write(to[8..], in cookie);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], payloadLength);
    }

    /// <summary>Writes the head of a data chunk; the data follows.</summary>
    public static void WriteOffsetData(Span<byte> to, ulong cookie, bool done, long offset, int length)
    {
        WriteChunk(to, cookie, NbdChunkType.OffsetData, done, 8 + (uint)length);
        BinaryPrimitives.WriteInt64BigEndian(to[ChunkBytes..], offset);
    }

    public static void WriteOffsetHole(Span<byte> to, ulong cookie, bool done, long offset, int length)
    {
        WriteChunk(to, cookie, NbdChunkType.OffsetHole, done, 12);
        BinaryPrimitives.WriteInt64BigEndian(to[ChunkBytes..], offset);
        BinaryPrimitives.WriteInt32BigEndian(to[(ChunkBytes + 8)..], length);
    }

    public static int ErrorBytes(int messageBytes) => ChunkBytes + 6 + messageBytes;

    public static void WriteError(Span<byte> to, ulong cookie, NbdError error, ReadOnlySpan<byte> message)
    {
        WriteChunk(to, cookie, NbdChunkType.Error, true, 6 + (uint)message.Length);
        BinaryPrimitives.WriteUInt32BigEndian(to[ChunkBytes..], (uint)error);
        BinaryPrimitives.WriteUInt16BigEndian(to[(ChunkBytes + 4)..], (ushort)message.Length);
        message.CopyTo(to[(ChunkBytes + 6)..]);
    }

    public static int BlockStatusBytes(int extents) => ChunkBytes + 4 + (8 * extents);

    public static void WriteBlockStatus(Span<byte> to, ulong cookie, uint context, ReadOnlySpan<NbdExtent> extents)
    {
        WriteChunk(to, cookie, NbdChunkType.BlockStatus, true, 4 + (8 * (uint)extents.Length));
        BinaryPrimitives.WriteUInt32BigEndian(to[ChunkBytes..], context);
        var at = ChunkBytes + 4;
        foreach (var extent in extents)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to[at..], extent.Length);
            BinaryPrimitives.WriteUInt32BigEndian(to[(at + 4)..], (uint)extent.Flags);
            at += 8;
        }
    }
}
