using System.Buffers.Binary;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>A server's side of the shortest handshake: newstyle, GO, an export of 1 MiB that can be written.</summary>
internal static class PlainGreeting
{
    /// <summary>Has the handshake with a client that asks for no structured replies.</summary>
    public static void Serve(Stream stream)
    {
        stream.Write(NbdPeer.Join(NbdPeer.U64(0x4e42444d41474943), NbdPeer.U64(0x49484156454F5054), NbdPeer.U16(3)));
        Read(stream, 4);
        var option = Read(stream, 16);
        Read(stream, BinaryPrimitives.ReadInt32BigEndian(option.AsSpan(12)));
        stream.Write(NbdPeer.Join(
            Reply(3, NbdPeer.Join(NbdPeer.U16(0), NbdPeer.U64(1 << 20), NbdPeer.U16(1))), Reply(1, [])));
    }

    /// <summary>So many bytes.</summary>
    public static byte[] Read(Stream stream, int count)
    {
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] Reply(uint type, byte[] data) => NbdPeer.Join(
        NbdPeer.U64(0x3e889045565a9), NbdPeer.U32(7), NbdPeer.U32(type), NbdPeer.U32((uint)data.Length), data);
}
