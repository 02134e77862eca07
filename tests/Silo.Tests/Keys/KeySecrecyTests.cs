using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Keys;

/// <summary>
/// Shows that neither a data key's bytes nor those of a key-encryption key are in anything that a silo writes, logs or
/// answers: as they are, in hexadecimal digits, or in base64.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeySecrecyTests
{
    private const string Variable = "SNAPGRAINS_TEST_KEK";

    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Key_bytes_are_in_no_file_no_log_and_no_answer()
    {
        using var keks = new KekFiles();
        await using var silo = new SiloChild
        {
            Options = ["--kek", $"env:{Variable}", "--previous-kek", keks.SourceOf(2)],
            Environment =
            {
                [Variable] = Convert.ToHexStringLower(KekFiles.BytesOf(1)),
                ["Logging__Console__LogLevel__Default"] = "Trace",
            },
            KeptLines = int.MaxValue,
        };
        await silo.StartAsync();
        var key = await silo.Api.CreateKeyAsync("a", None);
        var secrets = new[] { KekFiles.BytesOf(1), KekFiles.BytesOf(2), KekFiles.Unwrap(key, 1) }
            .SelectMany(SecretScan.Spellings).ToArray();
        using var http = new HttpClient { BaseAddress = silo.Api.Server };

        var answers = new MemoryStream();
        (string Method, string Path)[] requests =
        [
            ("PUT", "/v1/keys/b"), ("PUT", "/v1/keys/a"), ("PUT", "/v1/keys/plain"), ("GET", "/v1/keys"),
            ("GET", "/v1/keys/a"), ("POST", "/v1/keys/a/rotate"), ("POST", "/v1/keys/rotate"), ("GET", "/v1/status"),
            ("GET", "/v1/nodes"), ("POST", "/v1/keys/b/revoke"), ("DELETE", "/v1/keys/b"), ("DELETE", "/v1/keys/b"),
        ];
        foreach (var (method, path) in requests)
        {
            using var response = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            await response.Content.CopyToAsync(answers);
        }

        SecretScan.ShouldLack(answers.ToArray(), secrets, "the answers");
        Encoding.UTF8.GetString(answers.ToArray()).Should().Contain("\"envelope\":\"", "the scan sees what came");
        await silo.KillAsync();
        var isRecorded = false;
        foreach (var file in Directory.EnumerateFiles(silo.Data, "*", SearchOption.AllDirectories))
        {
            var content = await File.ReadAllBytesAsync(file);
            SecretScan.ShouldLack(content, secrets, file);
            isRecorded |= content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key.Ref.Id.ToString())) >= 0;
        }

        isRecorded.Should().BeTrue("the scan sees the key's record");

        silo.Log.Should().Contain("was created, wrapped under").And.Contain("was revoked");
        SecretScan.ShouldLack(Encoding.UTF8.GetBytes(silo.Log), secrets, "the log");
    }
}
