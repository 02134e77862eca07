using System.Runtime.Versioning;
using System.Text.Json;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Silo.Tests.Keys;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows the verbs for keys: what they ask, print and refuse, and once the whole way against a silo.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeyVerbTests
{
    [Fact]
    public async Task Keys_are_a_table_names_or_json()
    {
        var keys = new[] { Samples.Key("tenant-7"), Samples.Key("x", KeyState.Revoked) };

        (await CliRun.OfAsync(FakeSilo.Answering(keys), "key ls")).Out.Should().Be(
            """
            NAME      STATE    KEK               CREATED               WRAPPED
            tenant-7  active   0123456789abcdef  2026-08-01 12:34:56Z  2026-08-01 12:34:56Z
            x         revoked  0123456789abcdef  2026-08-01 12:34:56Z  2026-08-01 12:34:56Z

            """.ReplaceLineEndings());
        (await CliRun.OfAsync(FakeSilo.Answering(keys), "key ls -q")).Out.ReplaceLineEndings("\n").Should()
            .Be("tenant-7\nx\n");
        var json = (await CliRun.OfAsync(FakeSilo.Answering(keys), "key ls --json")).Out;
        json.Should().Contain("\"envelope\":\"+/8=\"").And.Contain("\"state\":\"revoked\"");
        JsonSerializer.Deserialize<KeyInfo[]>(json, ApiJson.Options).Should().BeEquivalentTo(keys);
    }

    [Fact]
    public async Task A_key_is_described()
    {
        var run = await CliRun.OfAsync(FakeSilo.Answering(Samples.Key("tenant-7")), "key info tenant-7");
        run.Out.Should().MatchRegex("Name +tenant-7").And.MatchRegex("Id +3f2a9c1e000040008000000000000001")
            .And.MatchRegex("State +active").And.Contain("key-encryption key 0123456789abcdef");

        run = await CliRun.OfAsync(FakeSilo.Failing(ErrorCode.NotFound, "There is none."), "key info nobody");
        run.ExitCode.Should().Be(ExitCode.NotFound);
        run.Error.Should().Contain("'nobody'").And.Contain("key ls");
    }

    [Theory]
    [InlineData("key create k", "PUT /v1/keys/k", "Created k, wrapped under key-encryption key 0123456789abcdef.")]
    [InlineData("key revoke k --yes", "POST /v1/keys/k/revoke", "Revoked k; what is open under it is closed within")]
    public async Task A_key_is_made_or_revoked(string line, string request, string says)
    {
        var silo = FakeSilo.Answering(Samples.Key("k"));
        var run = await CliRun.OfAsync(silo, line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.Should().StartWith(says);
        PathOf(silo.Requests.Should().ContainSingle().Subject).Should().Be(request);
    }

    [Theory]
    [InlineData("key rotate k", 1, "POST /v1/keys/k/rotate", "Wrapped 1 key anew.")]
    [InlineData("key rotate k", 0, "POST /v1/keys/k/rotate", "Nothing to do")]
    [InlineData("key rotate --all", 1234, "POST /v1/keys/rotate", "keys anew.")]
    [InlineData("key rotate --all --json", 3, "POST /v1/keys/rotate", """{"rewrapped":3}""")]
    public async Task Keys_are_rotated(string line, int count, string request, string says)
    {
        var silo = FakeSilo.Answering(new KeyRotation(count));
        var run = await CliRun.OfAsync(silo, line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.Should().Contain(says);
        PathOf(silo.Requests.Should().ContainSingle().Subject).Should().Be(request);
    }

    [Fact]
    public async Task Revoking_without_yes_only_says_what_would_be_lost()
    {
        var key = Samples.Key("k");
        var disks = new[] { Samples.Disk("a") with { Key = key.Ref }, Samples.Disk("b") };
        var silo = FakeSilo.AnsweringInTurn(key, disks);

        var run = await CliRun.OfAsync(silo, "key revoke k");

        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain("cannot be undone").And.Contain("under it, 1 now").And.Contain("--yes");
        silo.Requests.Should().OnlyContain(request => request.StartsWith("GET "));
    }

    [Theory]
    [InlineData("key rm a b --json", """{"names":["a","b"]}""")]
    [InlineData("key rm a", "Removed a.")]
    [InlineData("key rm a b", "Removed 2 keys.")]
    public async Task Removals_are_confirmed(string line, string printed)
    {
        var run = await CliRun.OfAsync(FakeSilo.AnsweringNothing(), line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.TrimEnd().Should().Be(printed);
    }

    [Theory]
    [InlineData("key rotate", "--all")]
    [InlineData("key rotate k --all", "not both")]
    [InlineData("key create A/B", "'A/B' is not a key name")]
    [InlineData("key rm", "rm")]
    public async Task What_is_not_meant_is_a_usage_error(string line, string says)
    {
        var silo = FakeSilo.Silent();
        var run = await CliRun.OfAsync(silo, line);
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain(says);
        silo.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_lives_and_dies_on_the_command_line()
    {
        using var keks = new KekFiles();
        await using var silo = await TestSilo.StartAsync(silos: 1, more: keks.SettingsOf(1));
        async Task<CliRun> RunAsync(string line) => await CliRun.OfAsync(silo.Process.HttpAddress, line);

        (await RunAsync("key create a")).Out.Should().StartWith("Created a, wrapped under");
        (await RunAsync("key create a")).ExitCode.Should().Be(ExitCode.Conflict);
        (await RunAsync("key create plain")).ExitCode.Should().Be(ExitCode.Usage);
        (await RunAsync("key rotate --all")).Out.Should().StartWith("Nothing to do");
        (await RunAsync("key revoke a")).Error.Should().Contain("under it, 0 now");
        (await RunAsync("key revoke a --yes")).ExitCode.Should().Be(ExitCode.Ok);
        (await RunAsync("key rotate a")).ExitCode.Should().Be(ExitCode.KeyUnavailable);
        (await RunAsync("key info a")).Out.Should().MatchRegex("State +revoked");
        (await RunAsync("key rm a")).Out.Should().StartWith("Removed a.");
        (await RunAsync("key rm a")).ExitCode.Should().Be(ExitCode.NotFound);
    }

    private static string PathOf(string request)
    {
        var words = request.Split(' ');
        return $"{words[0]} {new Uri(words[1]).AbsolutePath}";
    }
}
