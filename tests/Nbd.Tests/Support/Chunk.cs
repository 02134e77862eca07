using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>A chunk of a structured reply as a peer sees it.</summary>
internal sealed record Chunk(int Type, bool IsDone, ulong Cookie, byte[] Payload)
{
    public const int None = 0;
    public const int Data = 1;
    public const int Hole = 2;
    public const int BlockStatus = 5;
    public const int ErrorType = 0x8001;

    /// <summary>The offset in a data or hole chunk.</summary>
    public ulong Offset => BinaryPrimitives.ReadUInt64BigEndian(Payload);

    public uint HoleLength => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(8));

    public uint Error => BinaryPrimitives.ReadUInt32BigEndian(Payload);

    public string Message =>
        Encoding.UTF8.GetString(Payload.AsSpan(6, BinaryPrimitives.ReadUInt16BigEndian(Payload.AsSpan(4))));

    /// <summary>The extents of a block status chunk.</summary>
    public List<(uint Length, uint Flags)> Extents => Payload[4..].Chunk(8)
        .Select(e => (BinaryPrimitives.ReadUInt32BigEndian(e), BinaryPrimitives.ReadUInt32BigEndian(e.AsSpan(4))))
        .ToList();
}
