using System.Buffers.Binary;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>Greeting and client flags; NBD_OPT_EXPORT_NAME, whose answer depends on them.</summary>
internal static partial class HandshakeCases
{
    private const int HeadBytes = 10;
    private const int ZeroBytes = 124;

    private static IEnumerable<(string Name, Action<NbdPeer> Script)> Flags() =>
    [
        ("flags: fixed newstyle and no zeroes", p => ExpectGo(p.Greet(3))),
        ("flags: fixed newstyle only", p => ExpectGo(p.Greet(1))),
        ("flags: none, then EXPORT_NAME works", p => EnterByName(p.Greet(0), "rw", ZeroBytes)),
        ("flags: none, then another option ends the session", p => SendAndClose(p.Greet(0), List)),
        ("flags: none, then STARTTLS ends the session", p => SendAndClose(p.Greet(0), StartTls)),
        ("flags: no zeroes without fixed newstyle", p => EnterByName(p.Greet(2), "rw", 0)),
        ("flags: unknown bit 2 ends the session", p => p.Greet(7).ShouldBeClosed()),
        ("flags: unknown bit 31 ends the session", p => p.Greet(0x80000003).ShouldBeClosed()),
        ("flags: all bits end the session", p => p.Greet(0xffffffff).ShouldBeClosed()),
        ("EXPORT_NAME: without NO_ZEROES 124 zeroes follow", p => EnterByName(p.Greet(1), "rw", ZeroBytes)),
        ("EXPORT_NAME: with NO_ZEROES none follow", p => EnterByName(p.Greet(3), "rw", 0)),
        ("EXPORT_NAME: empty name is the default export", p => EnterByName(p.Greet(), "", 0)),
        ("EXPORT_NAME: unknown name ends the session", p => SendAndClose(p.Greet(), ExportName, NbdPeer.Text("no"))),
        ("EXPORT_NAME: refused export ends the session",
            p => SendAndClose(p.Greet(), ExportName, NbdPeer.Text("denied"))),
        ("EXPORT_NAME: broken export ends the session",
            p => SendAndClose(p.Greet(), ExportName, NbdPeer.Text("broken"))),
        ("EXPORT_NAME: name of 4097 bytes ends the session",
            p => SendAndClose(p.Greet(), ExportName, new byte[4097])),
        ("EXPORT_NAME: name with NUL ends the session", p => SendAndClose(p.Greet(), ExportName, [0x72, 0, 0x77])),
        ("EXPORT_NAME: after a refused GO works", EnterByNameAfterGo),
        ("EXPORT_NAME: after STRUCTURED_REPLY advertises DF", EnterByNameStructured),
    ];

    private static void SendAndClose(NbdPeer peer, uint option, byte[]? data = null)
    {
        peer.Send(NbdPeer.Option(option, data));
        peer.ShouldBeClosed();
    }

    private static ushort EnterByName(NbdPeer peer, string name, int zeroes)
    {
        peer.Send(NbdPeer.Option(ExportName, NbdPeer.Text(name)));
        var head = peer.Read(HeadBytes);
        BinaryPrimitives.ReadUInt64BigEndian(head).Should().Be(TestServer.DiskBytes);
        peer.Read(zeroes).Should().Equal(new byte[zeroes]);
        return BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(8));
    }

    private static void EnterByNameAfterGo(NbdPeer peer)
    {
        Expect(peer.Greet(), Go, NbdPeer.Go("no"), "ERR_UNKNOWN");
        EnterByName(peer, "rw", 0);
        peer.ShouldStillServe();
    }

    private static void EnterByNameStructured(NbdPeer peer)
    {
        Expect(peer.Greet(), Structured, null, "ACK");
        (EnterByName(peer, "rw", 0) & 0x80).Should().Be(0x80);
        peer.Chunks(0, 0, 8).Should().ContainSingle().Which.Type.Should().Be(Chunk.Data);
    }
}
