using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>Parses requests of the transmission phase (proto.md, "Request message").</summary>
internal static class RequestReader
{
    /// <summary>Reads the head of a request; the payload of a write follows it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ParseStatus TryRead(ReadOnlySpan<byte> bytes, out RequestHeader header)
    {
        if (bytes.Length < RequestHeader.Bytes)
        {
            header = default;
            return ParseStatus.Incomplete;
        }

        header = new RequestHeader(
            (NbdCommandFlags)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            (NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            MemoryMarshal.Read<ulong>(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]));
        return BinaryPrimitives.ReadUInt32BigEndian(bytes) == NbdMagic.Request
            ? ParseStatus.Ok
            : ParseStatus.BadMagic;
    }
}
