using System.Net;
using System.Net.Http.Json;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Answers every request with one given answer, and remembers the requests.</summary>
internal sealed class FakeSilo(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
{
    /// <summary>The requests, in order, as <c>METHOD URL</c>.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The bodies that came with them.</summary>
    public List<byte[]> Bodies { get; } = [];

    /// <summary>Whether the last request's length was known before its end.</summary>
    public long? LastContentLength { get; private set; }

    /// <summary>What the last request's body was said to be.</summary>
    public string? LastContentType { get; private set; }

    /// <summary>Answers with <paramref name="body"/> as JSON.</summary>
    public static FakeSilo Answering<T>(T body) => new((_, _) => Task.FromResult(
        new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(body, options: ApiJson.Options) }));

    /// <summary>Answers one request after the other, the last answer again and again.</summary>
    public static FakeSilo AnsweringInTurn(params object[] bodies)
    {
        var next = 0;
        return new FakeSilo((_, _) =>
        {
            var body = bodies[Math.Min(next++, bodies.Length - 1)];
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = JsonContent.Create(body, body.GetType(), options: ApiJson.Options),
            });
        });
    }

    /// <summary>Answers without a body.</summary>
    public static FakeSilo AnsweringNothing() =>
        new((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent)));

    /// <summary>Answers with an error of the API.</summary>
    public static FakeSilo Failing(ErrorCode code, string detail) => new((_, _) => Task.FromResult(
        new HttpResponseMessage(HttpStatusCode.BadRequest)
        {
            Content = JsonContent.Create(
                new ApiProblem("urn:x", "Wrong", 400, detail, code, IsTransient: false), options: ApiJson.Options),
        }));

    /// <summary>Never answers.</summary>
    public static FakeSilo Silent() => new(async (_, cancellationToken) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException("unreachable");
    });

    /// <summary>What an <see cref="HttpClient"/> is made of.</summary>
    public HttpMessageHandler CreateHandler() => new Handler(this);

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add($"{request.Method} {request.RequestUri}");
        LastContentLength = request.Content?.Headers.ContentLength;
        LastContentType = request.Content?.Headers.ContentType?.MediaType;
        if (request.Content is not null)
        {
            // As a real connection would: the content writes itself, piece by piece.
            using var body = new MemoryStream();
            await request.Content.CopyToAsync(body, cancellationToken);
            Bodies.Add(body.ToArray());
        }

        return await answer(request, cancellationToken);
    }

    private sealed class Handler(FakeSilo silo) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            silo.AnswerAsync(request, cancellationToken);
    }
}
