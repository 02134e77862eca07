namespace SnapshotGrains.Nbd.Tests;

/// <summary>The scripts of the handshake matrix, by name.</summary>
internal static partial class HandshakeCases
{
    private const uint ExportName = 1;
    private const uint Abort = 2;
    private const uint List = 3;
    private const uint PeekExport = 4;
    private const uint StartTls = 5;
    private const uint Info = 6;
    private const uint Go = 7;
    private const uint Structured = 8;
    private const uint ListContexts = 9;
    private const uint SetContexts = 10;
    private const uint ExtendedHeaders = 11;

    public static IReadOnlyDictionary<string, Action<NbdPeer>> All { get; } = new[]
    {
        Flags, Simple, Exports, Contexts, Streams,
    }.SelectMany(group => group()).ToDictionary(c => c.Name, c => c.Script);

    private static void Expect(NbdPeer peer, uint option, byte[]? data, params string[] replies) =>
        peer.Ask(option, data).Select(r => r.Name).Should().Equal(replies);

    private static void ExpectGo(NbdPeer peer, string name = "rw")
    {
        peer.Final(Go, NbdPeer.Go(name)).Should().Be("ACK");
        peer.ShouldStillServe();
    }
}
