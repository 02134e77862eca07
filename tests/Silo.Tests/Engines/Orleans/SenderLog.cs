using System.Collections.Concurrent;
using System.Net;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Notes who sent what was asked for, redirections left out.</summary>
internal sealed class SenderLog(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    public ConcurrentQueue<string> Senders { get; } = new();

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            Senders.Enqueue(request.RequestUri!.Authority);
        }

        return answer;
    }
}
