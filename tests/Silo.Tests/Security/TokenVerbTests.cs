using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>Shows how the command line comes by its token, and what it says without one.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TokenVerbTests : IAsyncLifetime
{
    private readonly TokenFiles _tokens = new();
    private TestSilo _silo = null!;

    private Dictionary<string, string> Server => new()
    {
        ["SNAPSHOTGRAINS_SERVER"] = _silo.Process.HttpAddress.ToString(),
    };

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(
        silos: 1, more: _tokens.SettingsOf('a'), client: new() { Token = TokenFiles.TokenOf('a') });

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _tokens.Dispose();
    }

    [Fact]
    public async Task It_comes_from_an_option_or_from_the_environment()
    {
        var file = _tokens.FileOf('a');
        (await CliRun.OfAsync(Server, "disk", "ls", "--token", $"file:{file}")).ExitCode.Should().Be(ExitCode.Ok);
        (await CliRun.OfAsync(Server, "--token", $"command:cat {file}", "disk", "ls")).ExitCode.Should()
            .Be(ExitCode.Ok);
        (await RunAsync("SNAPSHOTGRAINS_TOKEN", TokenFiles.TextOf('a'))).ExitCode.Should().Be(ExitCode.Ok);
        (await RunAsync("SNAPSHOTGRAINS_TOKEN_FILE", file)).ExitCode.Should().Be(ExitCode.Ok);
    }

    [Fact]
    public async Task Without_one_and_with_a_wrong_one_the_exit_code_is_7()
    {
        var none = await CliRun.OfAsync(Server, "disk", "ls");
        none.ExitCode.Should().Be(ExitCode.Unauthorized).And.Be(7);
        none.Error.Should().Contain("asks for its access token").And.Contain("--token SOURCE");
        var wrong = await CliRun.OfAsync(Server, "disk", "ls", "--token", $"file:{_tokens.FileOf('x')}", "--json");
        wrong.ExitCode.Should().Be(ExitCode.Unauthorized);
        wrong.Error.Should().Contain("\"code\":\"unauthorized\"").And.NotContain(TokenFiles.TextOf('x'));
    }

    [Theory]
    [InlineData("SNAPSHOTGRAINS_TOKEN", "short")]
    [InlineData("SNAPSHOTGRAINS_TOKEN", "has-16-letters-but a space")]
    [InlineData("SNAPSHOTGRAINS_TOKEN_FILE", "/no/such/file")]
    public async Task What_is_no_token_is_wrong_usage_and_not_shown(string variable, string value)
    {
        var run = await RunAsync(variable, value);
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain("token").And.NotContain("short").And.NotContain("has-16");
    }

    [Fact]
    public async Task A_token_in_place_of_its_source_is_refused_without_showing_it()
    {
        foreach (var verb in (string[])["disk ls", "silo"])
        {
            var run = await CliRun.OfAsync(Server, [.. verb.Split(' '), "--token", TokenFiles.TextOf('a')]);
            run.ExitCode.Should().Be(ExitCode.Usage);
            run.Error.Should().Contain("--token").And.Contain("file:PATH").And.NotContain(TokenFiles.TextOf('a'));
        }
    }

    [Fact]
    public async Task A_token_that_others_can_read_is_refused()
    {
        var file = _tokens.FileOf('a');
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var run = await RunAsync("SNAPSHOTGRAINS_TOKEN_FILE", file);
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain($"chmod 600 {file}");
    }

    [Theory]
    [InlineData("Token", "file:/no/such/file", "/no/such/file")]
    [InlineData("Token", "env:NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE")]
    [InlineData("Token", "secret-secret-secret", "file:PATH")]
    [InlineData("PreviousToken", "env:NO_SUCH_VARIABLE", "beside Token")]
    [InlineData("PreviousToken:0", "secret-secret-secret", "file:PATH")]
    public async Task A_silo_does_not_start_without_a_token_that_it_should_have(
        string setting, string value, string says)
    {
        using var directory = new TempDirectory();
        var start = () => SiloProcess.StartAsync(
            new Dictionary<string, string?>
            {
                ["Data"] = directory["data"], ["Http"] = "127.0.0.1:0", ["Nbd"] = "", [setting] = value,
            },
            CancellationToken.None);
        (await start.Should().ThrowAsync<SiloConfigurationException>()).Which.Message.Should()
            .Contain(setting.Split(':')[0]).And.Contain(says).And.NotContain("secret-");
    }

    [Fact]
    public void A_token_shows_itself_to_nobody()
    {
        var options = new ClientOptions { Token = TokenFiles.TokenOf('a') };
        $"{options} {options.Token}".Should().NotContain(TokenFiles.TextOf('a')[..8]);
        AccessToken.TryParse(new string('a', 15), out _).Should().BeFalse();
        AccessToken.TryParse(new string('a', 16), out _).Should().BeTrue();
        AccessToken.TryParse(new string('a', 129), out _).Should().BeFalse();
    }

    private Task<CliRun> RunAsync(string variable, string value) =>
        CliRun.OfAsync(new Dictionary<string, string>(Server) { [variable] = value }, "disk", "ls");
}
