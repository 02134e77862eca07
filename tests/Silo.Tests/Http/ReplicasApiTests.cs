using System.Net;
using System.Net.Http.Json;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows the HTTP API of replicas as a program without our client sees it.</summary>
public sealed class ReplicasApiTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const string Path = "/v1/replicas/golden@v1/1048576-65536-4/plain";

    [Fact]
    public async Task A_replica_is_put_watched_listed_and_deleted()
    {
        await using var silo = await StartAsync();
        using var http = ClientOf(silo);
        var put = await http.PutAsJsonAsync(Path, new { build = "eager", keep = true });
        put.StatusCode.Should().BeOneOf(HttpStatusCode.Accepted, HttpStatusCode.OK);

        ReplicaInfo replica = null!;
        await Eventually.IsTrueAsync(
            async () => (replica = await GetAsync<ReplicaInfo>(http, Path)).State != ReplicaState.Building,
            "it is built");

        replica.State.Should().Be(ReplicaState.Ready, replica.Problem);
        (await GetAsync<ReplicaInfo[]>(http, "/v1/replicas?snapshot=golden@v1")).Should().Equal(replica);
        (await http.PutAsJsonAsync(Path, new { build = "eager" })).StatusCode.Should().Be(HttpStatusCode.OK);
        (await http.DeleteAsync(Path)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await http.GetAsync(Path)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await GetAsync<ReplicaInfo[]>(http, "/v1/replicas")).Should().BeEmpty();
        Directory.GetFiles(
            System.IO.Path.Combine(silo.Directory, "data", "replicas"), "*", SearchOption.AllDirectories)
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
        using var http = ClientOf(await shared.GetAsync(StartAsync));

        var put = await http.PutAsJsonAsync(path, new { });

        ((int)put.StatusCode).Should().Be(status);
        (await put.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options))!.Detail.Should().Contain(reason);
    }

    private static async Task<TestSilo> StartAsync()
    {
        var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync("golden@v1", TestImage.Random(8 * TestImage.Segment));
        return silo;
    }

    private static HttpClient ClientOf(TestSilo silo) => new() { BaseAddress = silo.Process.HttpAddress };

    private static async Task<T> GetAsync<T>(HttpClient http, string path) =>
        (await http.GetFromJsonAsync<T>(path, ApiJson.Options))!;
}
