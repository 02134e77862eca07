namespace SnapshotGrains.Cli.Watching;

/// <summary>Asks a server again and again, each time by a deadline.</summary>
/// <param name="server">What the server is called, for messages.</param>
/// <param name="time">The clock.</param>
internal sealed class Polling(Uri server, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(100);

    /// <summary>Asks until the answer is the last one; soon at first, then once a second.</summary>
    /// <param name="ask">Asks once.</param>
    /// <param name="isLast">Looks at an answer, and says whether it is the last.</param>
    /// <param name="cancellationToken">Stops to ask.</param>
    public async Task<T> UntilAsync<T>(
        Func<CancellationToken, Task<T>> ask, Func<T, bool> isLast, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            var answer = await AskAsync(ask, cancellationToken);
            if (isLast(answer))
            {
                return answer;
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 1.5 < MaxPause ? pause * 1.5 : MaxPause;
        }
    }

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"{server} did not answer within {AnswerTimeout.TotalSeconds:0} seconds; try again.",
                error);
        }
    }
}
