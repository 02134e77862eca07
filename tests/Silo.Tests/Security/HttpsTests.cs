using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>Shows that clients talk over TLS to the silo that they mean, and to no other.</summary>
public sealed class HttpsTests : IDisposable
{
    private readonly TlsFixture _tls = new();

    public void Dispose() => _tls.Dispose();

    [Fact]
    public async Task Verbs_work_over_https_with_the_authority_from_an_option_or_the_environment()
    {
        await using var silo = await _tls.StartAsync();
        silo.Process.HttpAddress.Scheme.Should().Be("https");
        (await RunAsync(silo.Process.HttpAddress, "--ca", _tls.Authority.CaFile)).ExitCode.Should().Be(ExitCode.Ok);
        var byName = new UriBuilder(silo.Process.HttpAddress) { Host = "localhost" }.Uri;
        var environment = new Dictionary<string, string>
        {
            ["SNAPSHOTGRAINS_SERVER"] = byName.ToString(),
            ["SNAPSHOTGRAINS_CA"] = _tls.Authority.CaFile,
        };
        (await CliRun.OfAsync(environment, "status")).ExitCode.Should().Be(ExitCode.Ok);
    }

    [Fact]
    public async Task A_chain_is_followed_to_its_root()
    {
        using var between = _tls.Authority.CreateIntermediate("between");
        await using var silo = await TestSilo.StartAsync(
            silos: 1, more: _tls.SettingsOf(between.Issue("leaf")), client: new() { TlsCa = _tls.Ca });
        (await silo.Api.ListImagesAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_silo_of_another_authority_is_refused()
    {
        await using var silo = await _tls.StartAsync();
        using var other = new TestAuthority(_tls.Directory, "other");
        foreach (var options in (string[][])[["--ca", other.CaFile], []])
        {
            var run = await RunAsync(silo.Process.HttpAddress, options);
            run.ExitCode.Should().Be(ExitCode.Unauthorized);
            run.Error.Should().Contain("is not trusted").And.Contain("--ca FILE");
        }
    }

    [Fact]
    public async Task A_silo_with_another_name_is_refused()
    {
        await using var silo = await _tls.StartAsync(hosts: ["elsewhere.example"]);
        var run = await RunAsync(silo.Process.HttpAddress, "--ca", _tls.Authority.CaFile);
        run.ExitCode.Should().Be(ExitCode.Unauthorized);
        run.Error.Should().Contain("must name '127.0.0.1'").And.Contain("NameMismatch");
    }

    [Fact]
    public async Task Clear_text_to_a_silo_with_tls_and_tls_to_one_without_fail_with_a_hint()
    {
        await using var secure = await _tls.StartAsync();
        var clear = await RunAsync(new UriBuilder(secure.Process.HttpAddress) { Scheme = "http" }.Uri);
        clear.ExitCode.Should().Be(ExitCode.Unavailable);
        clear.Error.Should().Contain("begins with https://");

        await using var open = await TestSilo.StartAsync(silos: 1);
        var tls = await RunAsync(new UriBuilder(open.Process.HttpAddress) { Scheme = "https" }.Uri);
        tls.ExitCode.Should().Be(ExitCode.Unauthorized);
        tls.Error.Should().Contain("without TLS begins with http://");
    }

    [Fact]
    public async Task An_authority_that_cannot_be_read_is_wrong_usage()
    {
        var (certificate, key) = _tls.Authority.Issue("leaf");
        foreach (var (file, says) in new[]
        {
            ("/no/such/file", "/no/such/file"), (key, "BEGIN CERTIFICATE"), (certificate, "root"),
        })
        {
            var run = await RunAsync(new Uri("https://127.0.0.1:1"), "--ca", file);
            run.ExitCode.Should().Be(ExitCode.Usage);
            run.Error.Should().Contain(file).And.Contain(says);
        }
    }

    private static Task<CliRun> RunAsync(Uri server, params string[] options) => CliRun.OfAsync(
        new Dictionary<string, string> { ["SNAPSHOTGRAINS_SERVER"] = server.ToString() }, ["status", .. options]);
}
