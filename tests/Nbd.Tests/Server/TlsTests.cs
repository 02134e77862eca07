using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>STARTTLS: modes, what is forgotten, and what may not be smuggled in.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 _certificate = CreateCertificate();

    /// <summary>Bytes sent in clear behind STARTTLS are never taken for options of the encrypted session.</summary>
    [Theory]
    [InlineData(NbdTlsMode.Optional)]
    [InlineData(NbdTlsMode.Required)]
    public async Task Bytes_pipelined_before_tls_end_the_session(NbdTlsMode mode)
    {
        await using var server = Serve(mode);
        using var peer = server.Connect();
        peer.Greet().Send(NbdPeer.Option(5), NbdPeer.Option(7, NbdPeer.Go("rw")));

        peer.ReadReply(5).Name.Should().Be("ACK");
        peer.ShouldBeClosed();

        server.Provider.Opens.Should().Be(0);
        (await server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.ProtocolViolation);
    }

    /// <summary>Where TLS is required nothing else is served before it.</summary>
    [Fact]
    public async Task Required_tls_serves_nothing_in_clear()
    {
        await using var server = Serve(NbdTlsMode.Required);
        using var peer = server.Connect();
        peer.Greet();
        foreach (var option in new uint[] { 3, 6, 7, 8, 9, 10, 99 })
        {
            peer.Final(option, NbdPeer.Go("rw")).Should().Be("ERR_TLS_REQD");
        }

        peer.Final(2).Should().Be("ACK");
        using var byName = server.Connect();
        byName.Greet().Send(NbdPeer.Option(1, NbdPeer.Text("rw")));
        byName.ShouldBeClosed();
        (server.Provider.Lists, server.Provider.Opens).Should().Be((0, 0));
    }

    /// <summary>After the upgrade all works, and what was negotiated in clear is forgotten.</summary>
    [Fact]
    public async Task Upgrade_forgets_what_was_negotiated_in_clear()
    {
        await using var server = Serve(NbdTlsMode.Optional);
        using var peer = server.Connect();
        peer.Greet();
        peer.Final(8).Should().Be("ACK");
        peer.Final(5).Should().Be("ACK");
        var tls = new SslStream(peer.Stream, false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        peer.Stream = tls;

        peer.Final(5).Should().Be("ERR_INVALID");
        peer.Final(10, NbdPeer.Contexts("rw", "base:allocation")).Should().Be("ERR_INVALID");
        peer.Final(7, NbdPeer.Go("rw")).Should().Be("ACK");
        peer.ShouldStillServe();
        peer.Simple(0, 0, 1 << 20).Should().Be(0);
        peer.Read(1 << 20).AsSpan().SequenceEqual(server.Data).Should().BeTrue();
    }

    /// <summary>
    /// Our client speaks nbds; a client that breaks off the TLS handshake costs nobody else anything.
    /// </summary>
    [Fact]
    public async Task Client_reads_over_tls()
    {
        await using var server = Serve(NbdTlsMode.Required);
        using (var broken = server.Connect())
        {
            broken.Greet().Final(5).Should().Be("ACK");
            broken.Send(new byte[100]);
        }

        var options = new NbdClientOptions
        {
            Tls = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
        };
        await using var client = await NbdClient.ConnectAsync(server.Uri("rw") with { UseTls = true }, options);
        var bytes = new byte[TestServer.DataBytes];
        await client.ReadAsync(0, bytes);
        bytes.AsSpan().SequenceEqual(server.Data).Should().BeTrue();
        (await server.CloseReasonsAsync(1)).Should().Equal(NbdCloseReason.TlsFailed);
    }

    /// <summary>A corrupt record in the middle of a session ends that connection and nothing else.</summary>
    [Fact]
    public async Task Corrupt_record_costs_one_connection()
    {
        await using var server = Serve(NbdTlsMode.Required);
        using var peer = server.Connect();
        peer.Greet().Final(5).Should().Be("ACK");
        var clear = peer.Stream;
        var tls = new SslStream(clear, true, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        peer.Stream = tls;
        peer.Final(7, NbdPeer.Go("rw")).Should().Be("ACK");
        peer.ShouldStillServe();

        // The head of a record of application data, and 64 bytes that were never encrypted.
        clear.Write([23, 3, 3, 0, 64, .. new byte[64]]);

        await server.CloseReasonsAsync(1);
        server.Server.GetStatistics().OpenConnections.Should().Be(0);
        using var next = server.Connect();
        next.Greet().Final(5).Should().Be("ACK");
    }

    public void Dispose() => _certificate.Dispose();

    private TestServer Serve(NbdTlsMode mode) => new(o => o with
    {
        TlsMode = mode,
        Tls = new SslServerAuthenticationOptions { ServerCertificate = _certificate },
    });

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var bare = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
    }
}
