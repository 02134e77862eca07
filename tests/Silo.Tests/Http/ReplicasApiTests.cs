using System.Net;
using System.Net.Http.Json;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows the HTTP API of replicas as a program without our client sees it.</summary>
public sealed class ReplicasApiTests : IAsyncLifetime
{
    private const string Path = "/v1/replicas/golden@v1/1048576-65536-4/plain";

    private TestSilo _silo = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(silos: 1);
        _http = new HttpClient { BaseAddress = _silo.Process.HttpAddress };
        await _silo.ImportAsync("golden@v1", TestImage.Random(8 * TestImage.Segment));
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task A_replica_is_put_watched_listed_and_deleted()
    {
        var put = await _http.PutAsJsonAsync(Path, new { build = "eager", keep = true });
        put.StatusCode.Should().BeOneOf(HttpStatusCode.Accepted, HttpStatusCode.OK);

        ReplicaInfo replica = null!;
        await Eventually.IsTrueAsync(
            async () => (replica = await GetAsync<ReplicaInfo>(Path)).State != ReplicaState.Building, "it is built");

        replica.State.Should().Be(ReplicaState.Ready, replica.Problem);
        (await GetAsync<ReplicaInfo[]>("/v1/replicas?snapshot=golden@v1")).Should().Equal(replica);
        (await _http.PutAsJsonAsync(Path, new { build = "eager" })).StatusCode.Should().Be(HttpStatusCode.OK);
        (await _http.DeleteAsync(Path)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await _http.GetAsync(Path)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await GetAsync<ReplicaInfo[]>("/v1/replicas")).Should().BeEmpty();
        Directory.GetFiles(
            System.IO.Path.Combine(_silo.Directory, "data", "replicas"), "*", SearchOption.AllDirectories)
            .Should().BeEmpty();
    }

    [Theory]
    [InlineData("/v1/replicas/golden/1048576-65536-4/plain", 400, "'golden'")]
    [InlineData("/v1/replicas/golden@v1/1M-64K-4/plain", 400, "'1M-64K-4'")]
    [InlineData("/v1/replicas/golden@v1/1048576-65536-4/PLAIN", 400, "'PLAIN'")]
    [InlineData("/v1/replicas/golden@v1/1048576-65536-65/plain", 400, "65")]
    [InlineData("/v1/replicas/golden@v1/1048576-1048576-1/plain", 400, "image center")]
    [InlineData("/v1/replicas/golden@v1/1048576-65536-4/tenant-a", 404, "tenant-a")]
    [InlineData("/v1/replicas/golden@v2/1048576-65536-4/plain", 404, "golden@v2")]
    public async Task What_cannot_be_is_refused_with_the_reason(string path, int status, string reason)
    {
        var put = await _http.PutAsJsonAsync(path, new { });

        ((int)put.StatusCode).Should().Be(status);
        (await put.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options))!.Detail.Should().Contain(reason);
    }

    private async Task<T> GetAsync<T>(string path) => (await _http.GetFromJsonAsync<T>(path, ApiJson.Options))!;
}
