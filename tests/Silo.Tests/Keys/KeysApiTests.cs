using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Keys;

/// <summary>
/// Shows the life of a key over HTTP: made, used by a client with its own key-encryption key, revoked, removed; and
/// that without one everything about keys fails and says so.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeysApiTests(SharedSilo shared) : IClassFixture<SharedSilo>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly KekFiles _keks = new();

    public void Dispose() => _keks.Dispose();

    [Fact]
    public async Task A_key_is_made_listed_revoked_and_removed()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1, more: _keks.SettingsOf(1));

        var made = await silo.Api.CreateKeyAsync("tenant-7", None);
        var second = await silo.Api.CreateKeyAsync("rotate", None);

        made.Should().BeEquivalentTo(new { State = KeyState.Active, Ref = new { Name = "tenant-7" } });
        made.Envelope.Length.Should().Be(72, "that is 64 bytes, wrapped (RFC 5649)");
        (await silo.Api.ListKeysAsync(None)).Should().BeEquivalentTo(
            [second, made], options => options.WithStrictOrdering());
        (await silo.Api.FindKeyAsync("rotate", None)).Should().BeEquivalentTo(second, "its name is no route");
        (await silo.Api.RotateKeysAsync("tenant-7", None)).Should().Be(0, "its key-encryption key is the current one");

        (await silo.Api.RevokeKeyAsync("tenant-7", None)).State.Should().Be(KeyState.Revoked);
        await silo.RestartAsync();
        (await silo.Api.FindKeyAsync("tenant-7", None))!.State.Should().Be(KeyState.Revoked);
        await silo.Api.RemoveKeyAsync("tenant-7", None);
        (await silo.Api.FindKeyAsync("tenant-7", None)).Should().BeNull();
    }

    [Theory]
    [InlineData("PUT", "/v1/keys/plain", HttpStatusCode.BadRequest, ErrorCode.BadRequest)]
    [InlineData("PUT", "/v1/keys/A%20b", HttpStatusCode.BadRequest, ErrorCode.BadRequest)]
    [InlineData("PUT", "/v1/keys/there", HttpStatusCode.Conflict, ErrorCode.AlreadyExists)]
    [InlineData("GET", "/v1/keys/none", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("DELETE", "/v1/keys/none", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("POST", "/v1/keys/none/rotate", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("POST", "/v1/keys/none/revoke", HttpStatusCode.NotFound, ErrorCode.NotFound)]
    [InlineData("POST", "/v1/keys/revoked/rotate", HttpStatusCode.Forbidden, ErrorCode.KeyUnavailable)]
    public async Task Errors_are_problem_details(string method, string path, HttpStatusCode status, ErrorCode code)
    {
        var silo = await shared.GetAsync(StartWithKeysAsync);
        using var http = new HttpClient { BaseAddress = silo.Process.HttpAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await http.SendAsync(request);

        response.StatusCode.Should().Be(status);
        (await response.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options))!.Code.Should().Be(code);
    }

    [Fact]
    public async Task Without_a_key_encryption_key_nothing_about_keys_works()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1, more: _keks.SettingsOf(1));
        var key = (await silo.Api.CreateKeyAsync("a", None)).Ref;
        await silo.RestartAsync(new Dictionary<string, string?>());

        await ShouldFailAsync(() => silo.Api.CreateKeyAsync("b", None), "openssl rand -out FILE 32", "--kek file:FILE");
        await ShouldFailAsync(() => silo.Api.RotateKeysAsync(null, None), "--kek file:FILE");
        await ShouldFailAsync(() => silo.Process.Client.Keys.OpenAsync(key, None).AsTask(), "'a'", "--kek file:FILE");
        await ShouldFailAsync(() => silo.Remote.Keys.OpenAsync(key, None).AsTask(), "'a'", "--kek file:FILE");
        (await silo.Api.ListKeysAsync(None)).Should().ContainSingle("what is wrapped can be seen");
    }

    [Fact]
    public async Task A_client_elsewhere_unwraps_with_its_own_key_encryption_key_and_loses_a_revoked_key()
    {
        await using var silo = await TestSilo.StartAsync(more: _keks.SettingsOf(1));
        var key = (await silo.Api.CreateKeyAsync("a", None)).Ref;
        using var keks = KekFiles.KeksOf(1);
        await using var client = SnapshotGrainsClient.Connect(
            silo.Process.HttpAddress, new ClientOptions { Keks = keks });
        var lost = new TaskCompletionSource<KeyRef>();
        client.Keys.Lost += lost.SetResult;

        var here = await client.Keys.OpenAsync(key, None);
        var there = await silo.Process.Client.Keys.OpenAsync(key, None);
        var (plain, ciphertext) = (TestImage.Random(4096), new byte[4096]);
        here.Encrypt(plain, ciphertext, 7);
        there.Decrypt(ciphertext, ciphertext, 7);
        ciphertext.Should().Equal(plain);

        await silo.Api.RevokeKeyAsync("a", None);
        (await lost.Task.WaitAsync(TimeSpan.FromSeconds(30))).Should().Be(key);
        await Eventually.IsTrueAsync(() => Task.FromResult(here.IsGone && there.IsGone), "both are zeroised");
        await ShouldFailAsync(() => client.Keys.OpenAsync(key, None).AsTask(), "revoked");
    }

    private async Task<TestSilo> StartWithKeysAsync()
    {
        var silo = await TestSilo.StartAsync(silos: 1, more: _keks.SettingsOf(1));
        await silo.Api.CreateKeyAsync("there", None);
        await silo.Api.CreateKeyAsync("revoked", None);
        await silo.Api.RevokeKeyAsync("revoked", None);
        return silo;
    }

    private static async Task ShouldFailAsync(Func<Task> act, params string[] says)
    {
        var failure = await act.Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(ErrorCode.KeyUnavailable);
        failure.Which.Message.Should().ContainAll(says);
    }
}
