namespace SnapshotGrains.Client;

/// <summary>
/// Tells a slow answer from none: what takes its time is waited for as long as the process that was asked answers a
/// probe meanwhile. A process that hangs, or a machine that is cut off, does not.
/// </summary>
/// <param name="send">Carries the probes.</param>
/// <param name="address">The process.</param>
/// <param name="time">The clock.</param>
internal sealed class LifeProbe(
    Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, Uri address, TimeProvider time)
{
    private static readonly TimeSpan ProbeAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Waits for an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="cancellationToken">What ends it.</param>
    /// <returns>True when it is complete, whatever it is; false when nobody is there to give it.</returns>
    public async ValueTask<bool> WaitAsync(Task answer, CancellationToken cancellationToken)
    {
        while (!answer.IsCompleted)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var pause = Task.Delay(ProbeAfter, time, waiting.Token);
            if (await Task.WhenAny(answer, pause).ConfigureAwait(false) == pause
                && !await IsAliveAsync(cancellationToken).ConfigureAwait(false))
            {
                return answer.IsCompleted;
            }

            await waiting.CancelAsync().ConfigureAwait(false);
        }

        return true;
    }

    private async ValueTask<bool> IsAliveAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var deadline = new CancellationTokenSource(ProbeTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, ApiRoutes.Live));
            request.Options.Set(FailoverHandler.IsForNode, true);
            using var answer = await send(request, either.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
