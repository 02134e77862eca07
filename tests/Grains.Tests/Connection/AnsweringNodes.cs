using System.Net;

namespace SnapshotGrains.Grains.Tests.Connection;

/// <summary>Nodes that answer as a test says, by their host's name.</summary>
internal sealed class AnsweringNodes(Func<string, HttpResponseMessage> answer) : HttpMessageHandler
{
    /// <summary>Who was asked.</summary>
    public List<string> Asked { get; } = [];

    public static HttpResponseMessage Busy(TimeSpan? retryAfter = null)
    {
        var busy = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        busy.Headers.RetryAfter = retryAfter is { } pause ? new(pause) : null;
        return busy;
    }

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add(request.RequestUri!.Host);
        return Task.FromResult(answer(request.RequestUri.Host));
    }
}
