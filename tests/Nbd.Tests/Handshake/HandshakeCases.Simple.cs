namespace SnapshotGrains.Nbd.Tests;

/// <summary>ABORT, LIST, STARTTLS, STRUCTURED_REPLY and options that are not known.</summary>
internal static partial class HandshakeCases
{
    private static IEnumerable<(string Name, Action<NbdPeer> Script)> Simple() =>
    [
        ("ABORT: is acknowledged, then closed", p => AbortWith(p.Greet(), null)),
        ("ABORT: data is ignored", p => AbortWith(p.Greet(), [1, 2, 3])),
        ("ABORT: after other options", p =>
        {
            Expect(p.Greet(), Structured, null, "ACK");
            AbortWith(p, null);
        }),
        ("ABORT: the client need not wait for the answer", p =>
        {
            p.Greet().Send(NbdPeer.Option(Abort));
            p.Dispose();
        }),
        ("LIST: every export, then ACK", ListAll),
        ("LIST: description follows the name", p => p.Greet().Ask(List)[4].Text(4).Should().Be("rwread and write")),
        ("LIST: twice", p =>
        {
            ListAll(p);
            p.Ask(List).Should().HaveCount(6);
        }),
        ("LIST: data is invalid, the next option is served", p =>
        {
            Expect(p.Greet(), List, [1], "ERR_INVALID");
            ExpectGo(p);
        }),
        ("STARTTLS: refused by policy without TLS", p => ThenGo(p, StartTls, null, "ERR_POLICY")),
        ("STARTTLS: never TLS_REQD without TLS", p => ThenGo(p, StartTls, [1], "ERR_POLICY")),
        ("STRUCTURED_REPLY: acknowledged", p => Expect(p.Greet(), Structured, null, "ACK")),
        ("STRUCTURED_REPLY: twice", p =>
        {
            Expect(p.Greet(), Structured, null, "ACK");
            Expect(p, Structured, null, "ACK");
        }),
        ("STRUCTURED_REPLY: data is invalid", p => ThenGo(p, Structured, [0], "ERR_INVALID")),
        ("unknown option 0", p => ThenGo(p, 0, null, "ERR_UNSUP")),
        ("unknown option PEEK_EXPORT", p => ThenGo(p, PeekExport, NbdPeer.Text("rw"), "ERR_UNSUP")),
        ("unknown option EXTENDED_HEADERS", p => ThenGo(p, ExtendedHeaders, null, "ERR_UNSUP")),
        ("unknown option 12", p => ThenGo(p, 12, null, "ERR_UNSUP")),
        ("unknown option with data", p => ThenGo(p, 0x7fffffff, new byte[777], "ERR_UNSUP")),
        ("unknown option 0xffffffff", p => ThenGo(p, 0xffffffff, [1], "ERR_UNSUP")),
        ("unknown options a hundred times", p =>
        {
            p.Greet();
            for (uint i = 0; i < 100; i++)
            {
                Expect(p, 1000 + i, new byte[i], "ERR_UNSUP");
            }

            ExpectGo(p);
        }),
    ];

    private static void AbortWith(NbdPeer peer, byte[]? data)
    {
        Expect(peer, Abort, data, "ACK");
        peer.ShouldBeClosed();
    }

    private static void ListAll(NbdPeer peer)
    {
        var replies = peer.Greet().Ask(List);
        replies.Select(r => r.Name).Should().Equal("SERVER", "SERVER", "SERVER", "SERVER", "SERVER", "ACK");
    }

    /// <summary>The option is refused, and what follows is understood.</summary>
    private static void ThenGo(NbdPeer peer, uint option, byte[]? data, string reply)
    {
        Expect(peer.Greet(), option, data, reply);
        ExpectGo(peer);
    }
}
