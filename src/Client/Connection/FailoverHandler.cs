using System.Net;

namespace SnapshotGrains.Client;

/// <summary>
/// Sends what is meant for the cluster, rather than for a certain node, to a node that answers. Only what was not sent
/// yet is sent to another one, and what changes nothing, where a node says that it cannot serve it now: each is asked
/// once. What a node has not done, or perhaps has, is its caller's to repeat; the next request goes elsewhere.
/// </summary>
/// <param name="servers">The nodes.</param>
/// <param name="cluster">The address that stands for the cluster in requests.</param>
/// <param name="time">The clock, where a node gives a date to come back.</param>
/// <param name="inner">Sends.</param>
internal sealed class FailoverHandler(
    ServerList servers, Uri cluster, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    /// <summary>Set on a request that is meant for the node that it names, and no other.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsForNode = new("snapshotgrains.for-node");

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!;
        var isForNode = request.Options.TryGetValue(IsForNode, out var value) && value;
        if (isForNode || !asked.GetLeftPart(UriPartial.Authority).Equals(
            cluster.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase))
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        for (var tried = new HashSet<Uri>(); ;)
        {
            var server = servers.Current ?? throw new HttpRequestException(
                HttpRequestError.ConnectionError, "No node of the cluster is known yet.");
            tried.Add(server);
            request.RequestUri = new Uri(server, asked.PathAndQuery);
            try
            {
                var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    return answer;
                }

                servers.Leave(server, RestOf(answer));
                if (!IsRepeatable(request) || servers.IsCurrentResting || IsOver(tried))
                {
                    return answer;
                }

                answer.Dispose();
            }
            catch (HttpRequestException error) when (IsUnsent(error))
            {
                servers.Leave(server);
                if (IsOver(tried))
                {
                    throw;
                }
            }
            catch (OperationCanceledException)
            {
                servers.Leave(server); // it let its caller's deadline pass: the next request tries another one
                throw;
            }
        }
    }

    /// <summary>For how long a node asks to be left alone.</summary>
    private TimeSpan RestOf(HttpResponseMessage answer) => answer.Headers.RetryAfter is { } after
        ? after.Delta ?? after.Date - time.GetUtcNow() ?? TimeSpan.Zero : TimeSpan.Zero;

    private bool IsOver(HashSet<Uri> tried) => servers.Current is not { } next || tried.Contains(next);

    private static bool IsRepeatable(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;

    private static bool IsUnsent(HttpRequestException error) => error.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
        or HttpRequestError.SecureConnectionError;
}
