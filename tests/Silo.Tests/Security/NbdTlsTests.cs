using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>Shows that disks are attached over TLS, by our client and by other people's, and how NbdTls decides it.
/// </summary>
public sealed class NbdTlsTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly byte[] Content = TestImage.Random(4 * TestImage.Segment, seed: 11);

    private readonly TlsFixture _tls = new();

    public void Dispose() => _tls.Dispose();

    [Fact]
    public async Task The_client_library_reads_and_writes_a_disk_over_tls()
    {
        await using var silo = await StartAsync();
        silo.Process.NbdUris.Should().ContainSingle(uri => uri.StartsWith("nbds://"));
        File.Delete(silo.Socket); // it would be nearer

        await using (var disk = await silo.Remote.OpenDiskAsync("disk"))
        {
            var bytes = new byte[Content.Length];
            await disk.ReadAsync(0, bytes, None);
            bytes.AsSpan().SequenceEqual(Content).Should().BeTrue();
            await disk.WriteAsync(4096, new byte[] { 1, 2, 3 });
            await disk.FlushAsync(None);
        }

        await using var again = await silo.Remote.OpenDiskAsync("disk", DiskAccess.ReadOnly);
        var written = new byte[3];
        await again.ReadAsync(4096, written, None);
        written.Should().Equal(1, 2, 3);
    }

    [RequiresToolFact("nbdinfo", "nbdcopy")]
    public async Task Other_peoples_tools_read_over_tls_and_not_in_clear()
    {
        await using var silo = await StartAsync();
        var copy = Path.Combine(silo.Directory, "copy.raw");
        await Tool.CheckAsync("nbdcopy", ToolUri(silo, TlsDirectory()), copy);
        (await File.ReadAllBytesAsync(copy)).AsSpan().SequenceEqual(Content).Should().BeTrue();
        (await Tool.CheckAsync("nbdinfo", ToolUri(silo, TlsDirectory()))).Should().Contain("with TLS");

        var (exit, says) = await Tool.RunAsync("nbdinfo", ClearUri(silo));
        exit.Should().NotBe(0);
        says.Should().Contain("TLS");
        (await Tool.CheckAsync("nbdinfo", silo.UnixUri("disk"))).Should().Contain("without TLS");
    }

    [RequiresToolFact("nbdinfo")]
    public async Task Other_peoples_tools_refuse_a_server_of_another_authority()
    {
        await using var silo = await StartAsync();
        using var other = new TestAuthority(_tls.Directory, "other");
        var (exit, _) = await Tool.RunAsync("nbdinfo", ToolUri(silo, TlsDirectory(other)));
        exit.Should().NotBe(0);
    }

    [Fact]
    public async Task With_allow_the_client_chooses_and_with_off_there_is_none()
    {
        await using (var silo = await StartAsync("allow"))
        {
            await (await NbdClient.ConnectAsync(NbdUri.Parse(ClearUri(silo)))).DisposeAsync();
            await (await silo.Remote.OpenDiskAsync("disk")).DisposeAsync();
        }

        await using var without = await StartAsync("off");
        without.TcpUri("disk").Should().StartWith("nbd://");
        await (await NbdClient.ConnectAsync(NbdUri.Parse(ClearUri(without)))).DisposeAsync();
        var tls = () => NbdClient.ConnectAsync(NbdUri.Parse(ClearUri(without)) with { UseTls = true });
        await tls.Should().ThrowAsync<NbdException>();
    }

    [Fact]
    public async Task Our_client_refuses_a_server_of_another_authority_or_name()
    {
        await using var silo = await StartAsync(hosts: ["127.0.0.1", "silo.example"]);
        using var other = new TestAuthority(_tls.Directory, "other");
        foreach (var (ca, host) in new[] { (CaCertificates.Load(other.CaFile), "127.0.0.1"), (_tls.Ca, "localhost") })
        {
            var connect = () => NbdClient.ConnectAsync(NbdUri.Parse(silo.TcpUri("disk")), new NbdClientOptions
            {
                Tls = new() { TargetHost = host, CertificateChainPolicy = ca.CreatePolicy() },
            });
            (await connect.Should().ThrowAsync<NbdException>()).Which.Message.Should().Contain("TLS with nbds://");
        }
    }

    [Fact]
    public async Task With_mutual_a_client_needs_a_certificate_of_the_authority()
    {
        var mine = _tls.Authority.Issue("guest", [], [TestAuthority.ClientAuth]);
        var identity = TlsIdentity.Load(mine.Certificate, mine.Key, TimeProvider.System);
        await using var silo = await StartAsync("mutual", identity: identity);
        File.Delete(silo.Socket);
        await (await silo.Remote.OpenDiskAsync("disk")).DisposeAsync();

        using var other = new TestAuthority(_tls.Directory, "other");
        var foreign = other.Issue("stranger", [], [TestAuthority.ClientAuth]);
        foreach (var shown in new[] { null, TlsIdentity.Load(foreign.Certificate, foreign.Key, TimeProvider.System) })
        {
            await using var stranger = SnapshotGrainsClient.Connect(
                silo.Process.HttpAddress, new ClientOptions { TlsCa = _tls.Ca, TlsIdentity = shown });
            var attach = () => stranger.OpenDiskAsync("disk");
            await attach.Should().ThrowAsync<SnapshotGrainsException>();
        }
    }

    [RequiresToolFact("nbdinfo")]
    public async Task With_mutual_other_peoples_tools_show_their_certificate_too()
    {
        await using var silo = await StartAsync("mutual");
        var (exit, _) = await Tool.RunAsync("nbdinfo", ToolUri(silo, TlsDirectory()));
        exit.Should().NotBe(0);

        var mine = _tls.Authority.Issue("guest", [], [TestAuthority.ClientAuth]);
        var directory = TlsDirectory();
        File.Copy(mine.Certificate, Path.Combine(directory, "client-cert.pem"));
        File.Copy(mine.Key, Path.Combine(directory, "client-key.pem"));
        await Tool.CheckAsync("nbdinfo", ToolUri(silo, directory));
    }

    private static string ClearUri(TestSilo silo) =>
        silo.TcpUri("disk").Replace("nbds://", "nbd://", StringComparison.Ordinal);

    private static string ToolUri(TestSilo silo, string directory) =>
        silo.TcpUri("disk").Replace("127.0.0.1", "localhost", StringComparison.Ordinal)
        + $"?tls-certificates={directory}";

    /// <summary>Authority's certificate, and the client's if it has one, where libnbd looks for them.</summary>
    private string TlsDirectory(TestAuthority? authority = null)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_tls.Directory, $"{Guid.NewGuid():n}")).FullName;
        File.Copy((authority ?? _tls.Authority).CaFile, Path.Combine(directory, "ca-cert.pem"));
        return directory;
    }

    private async Task<TestSilo> StartAsync(
        string? nbdTls = null, string[]? hosts = null, TlsIdentity? identity = null)
    {
        var silo = await _tls.StartAsync(nbdTls, hosts, identity);
        await silo.ImportAsync("img@1", Content);
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", new CloneOptions());
        return silo;
    }
}
