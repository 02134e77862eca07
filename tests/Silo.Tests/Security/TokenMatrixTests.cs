using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Access;
using SnapshotGrains.Silo.Http;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>Shows that whatever the silo's HTTP port answers to asks for the token, but for the health probes.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class TokenMatrixTests : IAsyncLifetime, IDisposable
{
    private static readonly string[] Probes = ["/healthz/live", "/healthz/ready"];

    private readonly TokenFiles _tokens = new();
    private TestSilo _silo = null!;
    private HttpClient _http = null!;

    private static (string Who, AuthenticationHeaderValue? Header)[] Strangers =>
    [
        ("nobody", null),
        ("a wrong token", TokenFiles.Bearer(TokenFiles.TextOf('x'))),
        ("a part of the token", TokenFiles.Bearer(TokenFiles.TextOf('a')[..^1])),
        ("more than the token", TokenFiles.Bearer(TokenFiles.TextOf('a') + "=")),
        ("no token", new AuthenticationHeaderValue("Bearer")),
        ("a wrong password", TokenFiles.Basic("admin", TokenFiles.TextOf('x'))),
        ("the token as user name", TokenFiles.Basic(TokenFiles.TextOf('a'), "")),
        ("Basic without a pair", new AuthenticationHeaderValue("Basic", TokenFiles.TextOf('a'))),
        ("another scheme", new AuthenticationHeaderValue("Digest", TokenFiles.TextOf('a'))),
    ];

    private static AuthenticationHeaderValue[] Friends =>
    [
        TokenFiles.Bearer(TokenFiles.TextOf('a')), TokenFiles.Basic("", TokenFiles.TextOf('a')),
        TokenFiles.Bearer(TokenFiles.TextOf('b')), TokenFiles.Basic("ops", TokenFiles.TextOf('b')),
    ];

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(
            silos: 1, more: _tokens.SettingsOf('a', 'b'), client: new() { Token = TokenFiles.TokenOf('a') });

        // A client that follows a redirection leaves the token behind.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = _silo.Process.HttpAddress,
        };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _silo.DisposeAsync();
    }

    public void Dispose() => _tokens.Dispose();

    [Fact]
    public async Task Every_endpoint_asks_for_the_token_and_takes_it_in_either_form()
    {
        var requests = Requests().ToArray();
        requests.Select(request => request.Path).Should().Contain(
            ["/v1/status", "/v1/images", "/v1/disks/1", "/v1/keys/1", "/v1/events", "/v1/segments/1", "/1"]);
        foreach (var (method, path) in requests)
        {
            foreach (var (who, header) in Strangers)
            {
                await ShouldBeRefusedAsync(method, path, header, who);
            }

            foreach (var header in Friends)
            {
                using var response = await SendAsync(method, path, header);
                response.StatusCode.Should().NotBe(
                    HttpStatusCode.Unauthorized, $"{method} {path} knows {header.Scheme}");
                if (response.StatusCode == HttpStatusCode.Forbidden)
                {
                    (await response.Content.ReadAsStringAsync()).Should().Contain(
                        "keyUnavailable", "nobody else may say that");
                }
            }
        }
    }

    [Fact]
    public async Task Probes_are_the_only_ones_that_ask_for_nothing()
    {
        var open = _silo.Process.Endpoints.Where(endpoint => endpoint.Metadata
            .GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is not null).OfType<RouteEndpoint>();
        open.Select(endpoint => endpoint.RoutePattern.RawText).Should().BeEquivalentTo(Probes);
        foreach (var path in Probes)
        {
            using var response = await SendAsync("GET", path, null);
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("/favicon.ico")]
    [InlineData("/v2/status")]
    [InlineData("/v1/../v1/status")]
    [InlineData("//v1/status")]
    [InlineData("/V1/STATUS")]
    public async Task What_is_not_there_asks_for_it_as_well(string path) =>
        await ShouldBeRefusedAsync("GET", path, null, "nobody");

    [Fact]
    public async Task A_refusal_offers_both_forms_and_says_what_to_do()
    {
        using var response = await SendAsync("GET", "/v1/status", null);
        response.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme).Should().Equal("Bearer", "Basic");
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        var problem = await response.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options);
        problem!.Code.Should().Be(ErrorCode.Unauthorized);
        problem.IsTransient.Should().BeFalse();
        problem.Detail.Should().Contain("Authorization: Bearer").And.Contain("--token");
    }

    [Fact]
    public async Task Another_sites_page_cannot_use_the_password_that_a_browser_knows()
    {
        var basic = TokenFiles.Basic("", TokenFiles.TextOf('a'));
        (await StatusOfAsync(basic, "https://evil.example")).Should().Be(HttpStatusCode.Unauthorized);
        (await StatusOfAsync(basic, "null")).Should().Be(HttpStatusCode.Unauthorized);
        var own = _silo.Process.HttpAddress.GetLeftPart(UriPartial.Authority);
        (await StatusOfAsync(basic, own)).Should().Be(HttpStatusCode.NotFound);
        (await StatusOfAsync(TokenFiles.Bearer(TokenFiles.TextOf('a')), "https://tool.example")).Should()
            .Be(HttpStatusCode.NotFound, "who sends Bearer knows the token");
    }

    [Fact]
    public async Task A_refused_import_leaves_nothing_behind()
    {
        await using var stranger = SnapshotGrainsClient.Connect(_silo.Process.HttpAddress);
        var import = () => ((HttpControlPlane)stranger.Control).ImportImageAsync(
            SnapshotId.Parse("a@1"), new ByteArrayContent(new byte[1 << 20]), null, CancellationToken.None);
        (await import.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.Unauthorized);
        (await _silo.Api.ListImagesAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_route_that_forgets_its_policy_is_closed_all_the_same()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddTokenAccess(new AccessTokens(TokenFiles.TokenOf('a')));
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseMiddleware<ProblemMiddleware>();
        app.UseTokenAccess();
        app.MapGet("/forgotten", () => "served");
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using (var refused = await http.GetAsync("/forgotten"))
        {
            refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        }

        http.ShowToken(TokenFiles.TokenOf('a'));
        (await http.GetStringAsync("/forgotten")).Should().Be("served");
    }

    private async Task<HttpStatusCode> StatusOfAsync(AuthenticationHeaderValue header, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/nodes/none/stop");
        (request.Headers.Authorization, _) = (header, request.Headers.TryAddWithoutValidation("Origin", origin));
        using var response = await _http.SendAsync(request);
        return response.StatusCode;
    }

    private async Task ShouldBeRefusedAsync(
        string method, string path, AuthenticationHeaderValue? header, string who)
    {
        using var response = await SendAsync(method, path, header);
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, $"{method} {path} does not know {who}");
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, AuthenticationHeaderValue? header)
    {
        // Not through Uri, which would take '//v1' for a host.
        var address = _http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path;
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        request.Headers.Authorization = header;
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>One for each method of each endpoint that the running app has.</summary>
    private IEnumerable<(string Method, string Path)> Requests()
    {
        foreach (var endpoint in _silo.Process.Endpoints.OfType<RouteEndpoint>())
        {
            var path = Parameters().Replace(endpoint.RoutePattern.RawText!, "1");
            path = path.StartsWith('/') ? path : $"/{path}";
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                if (!Probes.Contains(path))
                {
                    yield return (method, path.Length > 1 ? path.TrimEnd('/') : path);
                }
            }
        }
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameters();
}
