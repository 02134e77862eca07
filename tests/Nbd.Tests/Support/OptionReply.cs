using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>An option reply as a peer sees it.</summary>
internal sealed record OptionReply(uint Type, byte[] Data)
{
    public bool IsFinal => Type == 1 || Type >= 0x80000000;

    /// <summary>The type as proto.md calls it, without NBD_REP_.</summary>
    public string Name => Type switch
    {
        1 => "ACK",
        2 => "SERVER",
        3 => "INFO",
        4 => "META_CONTEXT",
        0x80000001 => "ERR_UNSUP",
        0x80000002 => "ERR_POLICY",
        0x80000003 => "ERR_INVALID",
        0x80000004 => "ERR_PLATFORM",
        0x80000005 => "ERR_TLS_REQD",
        0x80000006 => "ERR_UNKNOWN",
        0x80000007 => "ERR_SHUTDOWN",
        0x80000008 => "ERR_BLOCK_SIZE_REQD",
        0x80000009 => "ERR_TOO_BIG",
        _ => $"0x{Type:x}",
    };

    /// <summary>The information type of an INFO reply.</summary>
    public int InfoType => BinaryPrimitives.ReadUInt16BigEndian(Data);

    /// <summary>The text of an error, or of an INFO reply.</summary>
    public string Text(int skip = 0) => Encoding.UTF8.GetString(Data.AsSpan(skip));
}
