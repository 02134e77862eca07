using System.Net;
using System.Runtime.Versioning;
using System.Text;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Silo.Tests.Keys;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>
/// Shows that tokens, right ones and wrong ones, are in nothing that a silo writes, logs or answers, and that a silo
/// says so when it is open to other machines.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class TokenSecrecyTests
{
    private const string Variable = "SNAPGRAINS_TEST_TOKEN";

    [Fact]
    public async Task Tokens_are_in_no_file_no_log_and_no_answer()
    {
        using var tokens = new TokenFiles();
        await using var silo = new SiloChild
        {
            Options = ["--token", $"env:{Variable}", "--previous-token", $"file:{tokens.FileOf('b')}"],
            ClientOptions = new() { Token = TokenFiles.TokenOf('a') },
            Environment =
            {
                [Variable] = TokenFiles.TextOf('a'),
                ["Logging__Console__LogLevel__Default"] = "Trace",
            },
            KeptLines = int.MaxValue,
        };
        await silo.StartAsync();
        await silo.ImportAsync("a@1", TestImage.Random(TestImage.Segment, seed: 1));
        using var http = new HttpClient { BaseAddress = silo.Api.Server };
        var answers = new MemoryStream();
        foreach (var letter in "abx")
        {
            foreach (var path in (string[])["/v1/status", "/v1/nothing", $"/v1/disks/{letter}"])
            {
                foreach (var header in (System.Net.Http.Headers.AuthenticationHeaderValue[])
                    [TokenFiles.Bearer(TokenFiles.TextOf(letter)), TokenFiles.Basic("u", TokenFiles.TextOf(letter))])
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, path);
                    request.Headers.Authorization = header;
                    using var response = await http.SendAsync(request);
                    (response.StatusCode == HttpStatusCode.Unauthorized).Should().Be(letter == 'x');
                    await response.Content.CopyToAsync(answers);
                }
            }
        }

        var secrets = "abx".Select(TokenFiles.TextOf).SelectMany(text => (string[])
            [text, Convert.ToBase64String(Encoding.UTF8.GetBytes($"u:{text}"))])
            .Select(Encoding.UTF8.GetBytes).ToArray();
        SecretScan.ShouldLack(answers.ToArray(), secrets, "the answers");
        await silo.KillAsync();
        foreach (var file in Directory.EnumerateFiles(silo.Data, "*", SearchOption.AllDirectories))
        {
            SecretScan.ShouldLack(await File.ReadAllBytesAsync(file), secrets, file);
        }

        silo.Log.Should().Contain("127.0.0.1 sent a wrong token", "the scan sees what the silo says of them");
        SecretScan.ShouldLack(Encoding.UTF8.GetBytes(silo.Log), secrets, "the log");
    }

    [Theory]
    [InlineData("0.0.0.0:0", false, 1)]
    [InlineData("0.0.0.0:0", true, 0)]
    [InlineData("127.0.0.1:0", false, 0)]
    public async Task A_silo_that_other_machines_reach_without_a_token_warns_once(
        string http, bool hasToken, int warnings)
    {
        using var tokens = new TokenFiles();
        await using var silo = new SiloChild
        {
            Http = http,
            Options = hasToken ? ["--token", $"file:{tokens.FileOf('a')}"] : [],
        };
        await silo.StartAsync();
        await silo.StopAsync(); // in order: what is killed may keep lines to itself

        silo.Log.Split("is open to whoever reaches it").Should().HaveCount(warnings + 1, silo.Log);
    }
}
