using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Tests.Security;
using SnapshotGrains.Silo.Tls;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Engines.Orleans;

/// <summary>
/// Shows that silos on Orleans talk over TLS, to one another and to clients, and only with whom has a silo's
/// certificate.
/// </summary>
public sealed class GrainTlsTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TlsFixture _tls = new();

    public void Dispose() => _tls.Dispose();

    [Fact]
    public async Task Three_silos_with_certificates_serve_and_survive_the_loss_of_one()
    {
        var content = TestImage.Random(24 * TestImage.Segment, seed: 5);
        await using var silo = await TestSilo.StartAsync(
            silos: 3, more: _tls.Settings(), client: new() { TlsCa = _tls.Ca });
        await silo.ImportAsync("img@1", content);
        (await silo.Api.ListNodesAsync(None)).Should().HaveCount(3);
        (await ReadAsync(silo)).AsSpan().SequenceEqual(content).Should().BeTrue();

        await silo.Process.KillSiloAsync("silo-2");
        (await ReadAsync(silo)).AsSpan().SequenceEqual(content).Should().BeTrue();
    }

    [Fact]
    public async Task Only_a_client_with_a_silos_certificate_reaches_grains()
    {
        await using var silo = await TestSilo.StartAsync(
            silos: 1, more: _tls.Settings(), client: new() { TlsCa = _tls.Ca });
        using var other = new TestAuthority(_tls.Directory, "other");
        var foreign = other.Issue("stranger");
        var guest = _tls.Authority.Issue("guest", [], [TestAuthority.ClientAuth]);

        (await CanAskAsync(silo, IdentityOf(_tls.Authority.Issue("member")))).Should().BeTrue();
        var refused = await Task.WhenAll(
            CanAskAsync(silo, null), CanAskAsync(silo, IdentityOf(foreign)), CanAskAsync(silo, IdentityOf(guest)));
        refused.Should().Equal(
            [false, false, false], "one speaks in clear, one is another authority's, one has a client's certificate");
    }

    [Fact]
    public async Task Certificates_that_other_silos_would_refuse_are_refused_at_the_start()
    {
        using var other = new TestAuthority(_tls.Directory, "other");
        await ShouldFailAsync(_tls.SettingsOf(other.Issue("foreign")), "would not accept");
        await ShouldFailAsync(
            _tls.SettingsOf(_tls.Authority.Issue("web", usages: [TestAuthority.ServerAuth])), "clientAuth");
        var lonely = _tls.Settings();
        lonely["TlsCa"] = "";
        await ShouldFailAsync(lonely, "TlsCa must say whose");
    }

    private static TlsIdentity IdentityOf((string Certificate, string Key) files) =>
        TlsIdentity.Load(files.Certificate, files.Key, TimeProvider.System);

    private static async Task<byte[]> ReadAsync(TestSilo silo)
    {
        await using var disk = await silo.Remote.OpenSnapshotAsync(SnapshotId.Parse("img@1"));
        var bytes = new byte[disk.SizeBytes];
        await disk.ReadAsync(0, bytes, None);
        return bytes;
    }

    private static async Task ShouldFailAsync(Dictionary<string, string?> settings, string says)
    {
        using var directory = new TempDirectory();
        settings["Data"] = directory["data"];
        settings["Http"] = "127.0.0.1:0";
        settings["Nbd"] = "";
        var start = () => SiloProcess.StartAsync(settings, None);
        (await start.Should().ThrowAsync<SiloConfigurationException>()).Which.Message.Should().Contain(says);
    }

    /// <summary>Connects to the gateway as a client of Orleans, and asks a grain.</summary>
    private async Task<bool> CanAskAsync(TestSilo silo, TlsIdentity? identity)
    {
        var cluster = silo.Process.Cluster;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client =>
        {
            cluster.Configure(client);
            GrainTls.Secure(client, identity is null ? null : new SiloTls(identity, _tls.Ca));
        });
        using var host = builder.Build();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await host.StartAsync(deadline.Token);
            var grains = host.Services.GetRequiredService<IClusterClient>();
            return (await grains.GetGrain<IImageCatalogGrain>(0).ListDeletingAsync(deadline.Token)).Length == 0;
        }
        catch (Exception error) when (error is global::Orleans.Runtime.OrleansException or TimeoutException
            or OperationCanceledException or global::Orleans.Runtime.Messaging.ConnectionFailedException)
        {
            return false;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }
}
