namespace SnapshotGrains.Client;

/// <summary>
/// Sends what is meant for the cluster, rather than for a certain node, to a node that answers. Only what was not sent
/// yet is sent to another one.
/// </summary>
/// <param name="servers">The nodes.</param>
/// <param name="cluster">The address that stands for the cluster in requests.</param>
/// <param name="inner">Sends.</param>
internal sealed class FailoverHandler(ServerList servers, Uri cluster, HttpMessageHandler inner)
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

        for (var left = servers.Count; ; left--)
        {
            var server = servers.Current ?? throw new HttpRequestException(
                HttpRequestError.ConnectionError, "No node of the cluster is known yet.");
            request.RequestUri = new Uri(server, asked.PathAndQuery);
            try
            {
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException error) when (IsUnsent(error))
            {
                servers.Leave(server);
                if (left <= 1)
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

    private static bool IsUnsent(HttpRequestException error) => error.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
        or HttpRequestError.SecureConnectionError;
}
