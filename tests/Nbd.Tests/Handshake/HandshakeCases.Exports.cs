using System.Buffers.Binary;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>NBD_OPT_INFO and NBD_OPT_GO.</summary>
internal static partial class HandshakeCases
{
    private const int InfoExport = 0;
    private const int InfoName = 1;
    private const int InfoDescription = 2;
    private const int InfoBlockSize = 3;

    private static IEnumerable<(string Name, Action<NbdPeer> Script)> Exports() =>
    [
        ("INFO: no requests, only EXPORT", p => InfoTypes(p.Greet(), Info, "rw").Should().Equal(InfoExport)),
        ("INFO: EXPORT asked for is sent once", p => InfoTypes(p.Greet(), Info, "rw", 0).Should().Equal(InfoExport)),
        ("INFO: NAME", p => p.Greet().Ask(Info, NbdPeer.Go("", InfoName))[1].Text(2).Should().Be("rw")),
        ("INFO: DESCRIPTION", p => p.Greet().Ask(Info, NbdPeer.Go("rw", InfoDescription))[1].Text(2)
            .Should().Be("A disk in memory.")),
        ("INFO: BLOCK_SIZE is 1, 4096, 32 MiB", BlockSizes),
        ("INFO: all at once", p => InfoTypes(p.Greet(), Info, "rw", 3, 2, 1, 0).Should().BeEquivalentTo([0, 1, 2, 3])),
        ("INFO: unknown requests are ignored",
            p => InfoTypes(p.Greet(), Info, "rw", 4, 99, 65535).Should().Equal(InfoExport)),
        ("INFO: size and flags", SizeAndFlags),
        ("INFO: unknown export", p => ThenGo(p, Info, NbdPeer.Go("no"), "ERR_UNKNOWN")),
        ("INFO: refused export is policy", p => ThenGo(p, Info, NbdPeer.Go("denied"), "ERR_POLICY")),
        ("INFO: does not enter transmission", p => ThenGo(p, Info, NbdPeer.Go("ro"), "INFO", "ACK")),
        ("INFO: then GO gives the same answers", InfoThenGo),
        ("INFO: no data", p => ThenGo(p, Info, [], "ERR_INVALID")),
        ("INFO: name longer than the data", p => ThenGo(p, Info, NbdPeer.Join(NbdPeer.U32(9), [1]), "ERR_INVALID")),
        ("INFO: name length 0xffffffff", p => ThenGo(p, Info, NbdPeer.U32(0xffffffff), "ERR_INVALID")),
        ("INFO: fewer requests than announced",
            p => ThenGo(p, Info, NbdPeer.Join(NbdPeer.Sized("rw"), NbdPeer.U16(2), NbdPeer.U16(0)), "ERR_INVALID")),
        ("INFO: bytes after the last request",
            p => ThenGo(p, Info, NbdPeer.Join(NbdPeer.Go("rw", 1), [0]), "ERR_INVALID")),
        ("INFO: name of 4097 bytes", p => ThenGo(p, Info, NbdPeer.Go(new string('x', 4097)), "ERR_TOO_BIG")),
        ("INFO: name that is not UTF-8", p => ThenGo(
            p, Info, NbdPeer.Join(NbdPeer.U32(1), [0xff], NbdPeer.U16(0)), "ERR_INVALID")),
        ("GO: enters the export", p => ExpectGo(p.Greet())),
        ("GO: empty name is the default export", p => ExpectGo(p.Greet(), "")),
        ("GO: no zeroes follow the ACK even without NO_ZEROES", p => ExpectGo(p.Greet(1))),
        ("GO: unknown export, then another", p => ThenGo(p, Go, NbdPeer.Go("no"), "ERR_UNKNOWN")),
        ("GO: broken export keeps its secrets", p =>
        {
            var reply = p.Greet().Ask(Go, NbdPeer.Go("broken")).Should().ContainSingle().Subject;
            reply.Name.Should().Be("ERR_UNKNOWN");
            reply.Text().Should().NotContain("secret");
            ExpectGo(p);
        }),
        ("GO: malformed, then well formed", p => ThenGo(p, Go, [0], "ERR_INVALID")),
    ];

    private static List<int> InfoTypes(NbdPeer peer, uint option, string name, params int[] infos)
    {
        var replies = peer.Ask(option, NbdPeer.Go(name, infos));
        replies[^1].Name.Should().Be("ACK");
        return replies[..^1].ConvertAll(r => r.InfoType);
    }

    private static void BlockSizes(NbdPeer peer) => peer.Greet().Ask(Info, NbdPeer.Go("rw", InfoBlockSize))[1].Data
        .Should().Equal(NbdPeer.Join(NbdPeer.U16(3), NbdPeer.U32(1), NbdPeer.U32(4096), NbdPeer.U32(33554432)));

    private static void SizeAndFlags(NbdPeer peer)
    {
        // HAS_FLAGS, FLUSH, FUA, TRIM, WRITE_ZEROES, MULTI_CONN, CACHE, FAST_ZERO; no DF without structured replies.
        var writable = peer.Greet().Ask(Info, NbdPeer.Go("rw"))[0].Data;
        BinaryPrimitives.ReadUInt64BigEndian(writable.AsSpan(2)).Should().Be(TestServer.DiskBytes);
        BinaryPrimitives.ReadUInt16BigEndian(writable.AsSpan(10)).Should().Be(0b1101_0110_1101);
        // HAS_FLAGS, READ_ONLY, FLUSH, MULTI_CONN, CACHE.
        var readOnly = peer.Ask(Info, NbdPeer.Go("ro"))[0].Data;
        BinaryPrimitives.ReadUInt16BigEndian(readOnly.AsSpan(10)).Should().Be(0b0101_0000_0111);
    }

    private static void InfoThenGo(NbdPeer peer)
    {
        var info = peer.Greet().Ask(Info, NbdPeer.Go("rw", 1, 2, 3));
        var go = peer.Ask(Go, NbdPeer.Go("rw", 1, 2, 3));
        go.ConvertAll(r => r.Name + Convert.ToHexString(r.Data)).Should()
            .Equal(info.ConvertAll(r => r.Name + Convert.ToHexString(r.Data)));
        peer.ShouldStillServe();
    }

    private static void ThenGo(NbdPeer peer, uint option, byte[] data, string first, string second)
    {
        Expect(peer.Greet(), option, data, first, second);
        ExpectGo(peer);
    }
}
