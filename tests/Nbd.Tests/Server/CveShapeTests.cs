namespace SnapshotGrains.Nbd.Tests;

/// <summary>
/// Test catalogue 7, the shapes of three old bugs of NBD servers: the back end reached before GO, commands in the
/// wrong order, bytes smuggled in before TLS. All refused, and the server serves the next client.
/// </summary>
public sealed class CveShapeTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    /// <summary>
    /// Until GO nothing of an export is called; options but LIST, INFO and GO do not even look for one.
    /// </summary>
    [Fact]
    public async Task Back_end_is_untouched_before_go()
    {
        using var peer = _server.Connect();
        peer.Greet();
        peer.Final(8).Should().Be("ACK");
        peer.Final(9, NbdPeer.Contexts("rw", "base:")).Should().Be("ACK");
        peer.Final(10, NbdPeer.Contexts("rw", "base:allocation")).Should().Be("ACK");
        peer.Final(5).Should().Be("ERR_POLICY");
        peer.Final(99).Should().Be("ERR_UNSUP");
        (_server.Provider.Lists, _server.Provider.Opens).Should().Be((0, 0));

        peer.Final(3).Should().Be("ACK");
        _server.Provider.Opens.Should().Be(0);
        peer.Final(6, NbdPeer.Go("rw")).Should().Be("ACK");
        (_server.Provider.Opens, _server.Provider.Disposals, _server.Provider.Calls).Should().Be((1, 1, 0));
        peer.Final(2).Should().Be("ACK");
        await _server.CloseReasonsAsync(1);
        (_server.Provider.Opens, _server.Provider.Calls).Should().Be((1, 0));
    }

    /// <summary>A transmission request during the handshake, whatever it asks, never reaches an export.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task Request_before_go_is_refused(int command)
    {
        using var peer = _server.Connect();
        peer.Greet().Send(NbdPeer.Request(command, 0, 512), new byte[512]);

        peer.ShouldBeClosed();

        (await _server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.ProtocolViolation);
        (_server.Provider.Opens, _server.Provider.Calls).Should().Be((0, 0));
        _server.ShouldServeNextClient();
    }

    /// <summary>BLOCK_STATUS without its negotiation is an error, not a crash (the shape of CVE-2021-20286).</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Block_status_without_context_is_refused(bool structured)
    {
        using var peer = _server.Connect();
        peer.Enter("rw", structured);
        if (structured)
        {
            peer.Chunks(7, 0, 512)[0].Error.Should().Be(22);
        }
        else
        {
            peer.Simple(7, 0, 512).Should().Be(22);
        }

        _server.Provider.Calls.Should().Be(0);
        _server.ShouldServeNextClient();
    }

    /// <summary>An option in the transmission phase ends the session.</summary>
    [Fact]
    public void Option_after_go_is_refused()
    {
        using var peer = _server.Connect();
        peer.Enter("rw").Send(NbdPeer.Option(7, NbdPeer.Go("ro")), new byte[32]);

        peer.ShouldBeClosed();
        _server.ShouldServeNextClient();
    }

    /// <summary>Without TLS, bytes after STARTTLS are what they look like: the next option, in clear.</summary>
    [Fact]
    public void Bytes_after_refused_starttls_are_the_next_option()
    {
        using var peer = _server.Connect();
        peer.Greet().Send(NbdPeer.Option(5), NbdPeer.Option(8));

        peer.ReadReplies(5)[^1].Name.Should().Be("ERR_POLICY");
        peer.ReadReplies(8)[^1].Name.Should().Be("ACK");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();
}
