namespace SnapshotGrains.Nbd.Tests;

/// <summary>NBD_OPT_LIST_META_CONTEXT and NBD_OPT_SET_META_CONTEXT.</summary>
internal static partial class HandshakeCases
{
    private const string Allocation = "base:allocation";

    private static IEnumerable<(string Name, Action<NbdPeer> Script)> Contexts() =>
    [
        ("LIST_META_CONTEXT: before structured replies", p => ThenGo(
            p, ListContexts, NbdPeer.Contexts("rw"), "ERR_INVALID")),
        ("LIST_META_CONTEXT: no queries list all", p => List1(p, ListContexts)),
        ("LIST_META_CONTEXT: wildcard base:", p => List1(p, ListContexts, "base:")),
        ("LIST_META_CONTEXT: by name", p => List1(p, ListContexts, Allocation)),
        ("LIST_META_CONTEXT: unknown leaf", p => List0(p, ListContexts, "base:nothing")),
        ("LIST_META_CONTEXT: unknown namespace", p => List0(p, ListContexts, "qemu:dirty-bitmap:x")),
        ("LIST_META_CONTEXT: several queries, one answer", p => List1(p, ListContexts, Allocation, "base:", "x-a:b")),
        ("SET_META_CONTEXT: before structured replies", p => ThenGo(
            p, SetContexts, NbdPeer.Contexts("rw", Allocation), "ERR_INVALID")),
        ("SET_META_CONTEXT: by name", p => List1(p, SetContexts, Allocation)),
        ("SET_META_CONTEXT: the wildcard selects nothing", p => List0(p, SetContexts, "base:")),
        ("SET_META_CONTEXT: no queries select nothing", p => List0(p, SetContexts)),
        ("SET_META_CONTEXT: unknown namespaces are ignored", p => List1(p, SetContexts, "x-a:b", Allocation)),
        ("SET_META_CONTEXT: query without a colon", p => Malformed(p, NbdPeer.Contexts("rw", "nonsense"))),
        ("SET_META_CONTEXT: query without a namespace", p => Malformed(p, NbdPeer.Contexts("rw", ":x"))),
        ("SET_META_CONTEXT: query longer than the data", p => Malformed(
            p, NbdPeer.Join(NbdPeer.Sized("rw"), NbdPeer.U32(1), NbdPeer.U32(400)))),
        ("SET_META_CONTEXT: more queries than there are", p => Malformed(
            p, NbdPeer.Join(NbdPeer.Sized("rw"), NbdPeer.U32(0xffffffff)))),
        ("SET_META_CONTEXT: bytes after the last query", p => Malformed(
            p, NbdPeer.Join(NbdPeer.Contexts("rw", Allocation), [1]))),
        ("SET_META_CONTEXT: block status works after GO", p => BlockStatus(p, "rw", "rw", works: true)),
        ("SET_META_CONTEXT: for another export does not count", p => BlockStatus(p, "ro", "rw", works: false)),
        ("SET_META_CONTEXT: a failed one clears the selection", ClearedByFailure),
        ("SET_META_CONTEXT: an empty one clears the selection", p =>
        {
            List1(p, SetContexts, Allocation);
            Expect(p, SetContexts, NbdPeer.Contexts("rw"), "ACK");
            GoAndAsk(p, "rw", works: false);
        }),
    ];

    private static void List1(NbdPeer peer, uint option, params string[] queries)
    {
        Expect(peer.Greet(), Structured, null, "ACK");
        var replies = peer.Ask(option, NbdPeer.Contexts("rw", queries));
        replies.Select(r => r.Name).Should().Equal("META_CONTEXT", "ACK");
        replies[0].Text(4).Should().Be(Allocation);
    }

    private static void List0(NbdPeer peer, uint option, params string[] queries)
    {
        Expect(peer.Greet(), Structured, null, "ACK");
        Expect(peer, option, NbdPeer.Contexts("rw", queries), "ACK");
    }

    private static void Malformed(NbdPeer peer, byte[] data)
    {
        Expect(peer.Greet(), Structured, null, "ACK");
        Expect(peer, SetContexts, data, "ERR_INVALID");
        GoAndAsk(peer, "rw", works: false);
    }

    private static void ClearedByFailure(NbdPeer peer)
    {
        List1(peer, SetContexts, Allocation);
        Expect(peer, SetContexts, [1, 2], "ERR_INVALID");
        GoAndAsk(peer, "rw", works: false);
    }

    private static void BlockStatus(NbdPeer peer, string selected, string entered, bool works)
    {
        Expect(peer.Greet(), Structured, null, "ACK");
        Expect(peer, SetContexts, NbdPeer.Contexts(selected, Allocation), "META_CONTEXT", "ACK");
        GoAndAsk(peer, entered, works);
    }

    private static void GoAndAsk(NbdPeer peer, string name, bool works)
    {
        peer.Final(Go, NbdPeer.Go(name)).Should().Be("ACK");
        var chunk = peer.Chunks(7, 0, 4096).Should().ContainSingle().Subject;
        chunk.Type.Should().Be(works ? Chunk.BlockStatus : Chunk.ErrorType);
    }
}
