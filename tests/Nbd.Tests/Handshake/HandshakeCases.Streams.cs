namespace SnapshotGrains.Nbd.Tests;

/// <summary>The byte stream itself: magic numbers, sizes, pipelining, early ends.</summary>
internal static partial class HandshakeCases
{
    private static IEnumerable<(string Name, Action<NbdPeer> Script)> Streams() =>
    [
        ("stream: nothing after the flags", p => p.Greet().StopSending()),
        ("stream: the end inside the flags", p =>
        {
            p.Send([0, 0]);
            p.StopSending();
            p.Read(18);
            p.ShouldBeClosed();
        }),
        ("stream: the end inside an option's head", p => CutShort(p, NbdPeer.Option(List)[..9])),
        ("stream: the end inside an option's data", p => CutShort(p, NbdPeer.Option(Go, new byte[50])[..30])),
        ("stream: wrong option magic ends the session", p =>
        {
            p.Greet().Send(NbdPeer.U64(0x49484156454F5055), NbdPeer.U32(List), NbdPeer.U32(0));
            p.ShouldBeClosed();
        }),
        ("stream: a request in place of an option ends the session", p =>
        {
            p.Greet().Send(NbdPeer.Request(0, 0, 512));
            p.ShouldBeClosed();
        }),
        ("stream: option data of 64 KiB is read", p => ThenGo(p, 999, new byte[65536], "ERR_UNSUP")),
        ("stream: option data of 64 KiB + 1 is too big", p => ThenGo(p, List, new byte[65537], "ERR_TOO_BIG")),
        ("stream: option data of 8 MiB is skipped", p => ThenGo(p, Go, new byte[8 << 20], "ERR_TOO_BIG")),
        ("stream: announced data of 4 GiB - 1 ends the session", p =>
        {
            p.Greet().Send(NbdPeer.U64(0x49484156454F5054), NbdPeer.U32(Info), NbdPeer.U32(0xffffffff));
            p.ShouldBeClosed();
        }),
        ("stream: an option byte by byte", ByteByByte),
        ("stream: options sent together are served in order", Pipelined),
        ("stream: request sent with GO is served", p =>
        {
            p.Greet().Send(NbdPeer.Option(Go, NbdPeer.Go("rw")), NbdPeer.Request(0, 0, 16, cookie: 5));
            p.ReadReplies(Go)[^1].Name.Should().Be("ACK");
            p.ReadSimple().Should().Be((0u, 5ul));
            p.Read(16);
        }),
    ];

    private static void CutShort(NbdPeer peer, byte[] bytes)
    {
        peer.Greet().Send(bytes);
        peer.StopSending();
        peer.ShouldBeClosed();
    }

    private static void ByteByByte(NbdPeer peer)
    {
        peer.Greet();
        foreach (var b in NbdPeer.Option(Info, NbdPeer.Go("rw", 3)))
        {
            peer.Send([b]);
        }

        peer.ReadReplies(Info).Should().HaveCount(3);
        ExpectGo(peer);
    }

    private static void Pipelined(NbdPeer peer)
    {
        peer.Greet().Send(
            NbdPeer.Option(Structured), NbdPeer.Option(77, [1]), NbdPeer.Option(Info, NbdPeer.Go("no")),
            NbdPeer.Option(Go, NbdPeer.Go("rw")));
        peer.ReadReplies(Structured).Should().ContainSingle().Which.Name.Should().Be("ACK");
        peer.ReadReplies(77).Should().ContainSingle().Which.Name.Should().Be("ERR_UNSUP");
        peer.ReadReplies(Info).Should().ContainSingle().Which.Name.Should().Be("ERR_UNKNOWN");
        peer.ReadReplies(Go)[^1].Name.Should().Be("ACK");
    }
}
