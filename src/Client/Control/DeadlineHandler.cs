namespace SnapshotGrains.Client;

/// <summary>Ends requests that are not answered in time, except those that say they have no deadline.</summary>
internal sealed class DeadlineHandler(TimeSpan timeout, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    /// <summary>Set on a request that may take any time.</summary>
    public static readonly HttpRequestOptionsKey<bool> HasNoDeadline = new("snapshotgrains.no-deadline");

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(HasNoDeadline, out var isEndless) && isEndless)
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await base.SendAsync(request, either.Token).ConfigureAwait(false);
    }
}
