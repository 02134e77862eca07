using System.Net;

namespace SnapshotGrains.Client;

/// <summary>
/// Sends what is meant for the cluster, rather than for a certain node, to a node that answers. Only what was not sent
/// yet is sent to another one, and what changes nothing, where a node says that it cannot serve it now, or hangs: each
/// is asked once. What a node has not done, or perhaps has, is its caller's to repeat; the next request goes elsewhere.
/// </summary>
/// <param name="servers">The nodes.</param>
/// <param name="cluster">The address that stands for the cluster in requests.</param>
/// <param name="time">The clock, where a node gives a date to come back.</param>
/// <param name="inner">Sends.</param>
internal sealed class FailoverHandler(
    ServerList servers, Uri cluster, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    /// <summary>
    /// How long connections are tried anew where nobody answers: a machine that is busy, or has just gone, while no
    /// other one is known. At least twice: it may be this machine that stood still all the while.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

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

        var began = time.GetTimestamp();
        for (var tried = new HashSet<Uri>(); ;)
        {
            var server = servers.Current ?? throw new HttpRequestException(
                HttpRequestError.ConnectionError, "No node of the cluster is known yet.");
            var isAskedAgain = !tried.Add(server);
            request.RequestUri = new Uri(server, asked.PathAndQuery);
            try
            {
                var answer = IsRepeatable(request) && servers.HasOther(tried)
                    ? await AskAsync(server, request, cancellationToken).ConfigureAwait(false)
                    : await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
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
            catch (Exception error)
                when (IsUnsent(error) || (IsSilence(error) && !cancellationToken.IsCancellationRequested))
            {
                servers.Leave(server);
                if (IsOver(tried)
                    && (IsUnsent(error) || (isAskedAgain && time.GetElapsedTime(began) >= Patience)))
                {
                    throw;
                }
            }
            catch (SilentServerException) when (servers.HasOther(tried))
            {
                servers.Leave(server);
            }
            catch (OperationCanceledException)
            {
                servers.Leave(server); // it let its caller's deadline pass: the next request tries another one
                throw;
            }
        }
    }

    /// <summary>Where another one can be asked, a node that hangs is not waited for.</summary>
    /// <exception cref="SilentServerException">It hangs, or is cut off.</exception>
    private async Task<HttpResponseMessage> AskAsync(
        Uri server, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answer = base.SendAsync(request, ending.Token);
        var life = new LifeProbe((probe, token) => base.SendAsync(probe, token), server, time);
        if (await life.WaitAsync(answer, cancellationToken).ConfigureAwait(false))
        {
            return await answer.ConfigureAwait(false);
        }

        await ending.CancelAsync().ConfigureAwait(false);
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        throw new SilentServerException(server);
    }

    /// <summary>For how long a node asks to be left alone.</summary>
    private TimeSpan RestOf(HttpResponseMessage answer) => answer.Headers.RetryAfter is { } after
        ? after.Delta ?? after.Date - time.GetUtcNow() ?? TimeSpan.Zero : TimeSpan.Zero;

    private bool IsOver(HashSet<Uri> tried) => servers.Current is not { } next || tried.Contains(next);

    private static bool IsRepeatable(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;

    private static bool IsUnsent(Exception error) => error is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
        or HttpRequestError.SecureConnectionError,
    };

    /// <summary>No connection came about in its time: nothing was sent either.</summary>
    private static bool IsSilence(Exception error) => error is OperationCanceledException
    {
        InnerException: TimeoutException,
    };
}
