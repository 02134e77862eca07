using System.Net;

namespace SnapshotGrains.Grains.Tests.Connection;

/// <summary>Nodes that answer as a test says, by their host's name.</summary>
internal sealed class AnsweringNodes(Func<string, HttpResponseMessage> answer) : HttpMessageHandler
{
    /// <summary>Requests that are held until they are given up, by host and path.</summary>
    public Func<Uri, bool> IsHeld { get; init; } = _ => false;

    /// <summary>Who was asked.</summary>
    public List<string> Asked { get; } = [];

    public static HttpResponseMessage Busy(TimeSpan? retryAfter = null)
    {
        var busy = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        busy.Headers.RetryAfter = retryAfter is { } pause ? new(pause) : null;
        return busy;
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add(request.RequestUri!.Host);
        if (IsHeld(request.RequestUri))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return answer(request.RequestUri.Host);
    }
}
