namespace SnapshotGrains.Client;

/// <content>Asks whether the keys in use may still be used.</content>
public sealed partial class KeyRing
{
    /// <summary>How many lookups are under way at once.</summary>
    private const int Parallelism = 16;

    /// <summary>How often it asks.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>One that is not answered must not delay the others for long: they may be revoked.</summary>
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);

    private int _isUnanswered;

    private async Task WatchAsync(PeriodicTimer timer)
    {
        using (timer)
        {
            try
            {
                while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                {
                    await Parallel.ForEachAsync(
                        InUse(),
                        new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = _stop.Token },
                        (key, _) => new ValueTask(AskAsync(key))).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The ring is closed.
            }
        }
    }

    private KeyRef[] InUse()
    {
        lock (_gate)
        {
            return [.. _keys.Where(key => key.Value.IsCompletedSuccessfully).Select(key => key.Key)];
        }
    }

    /// <summary>Only an answer takes a key away; whoever does not answer is asked again.</summary>
    private async Task AskAsync(KeyRef key)
    {
        KeyInfo? found;
        try
        {
            found = await FindAsync(key.Name, AskTimeout).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (!_stop.IsCancellationRequested && Interlocked.Exchange(ref _isUnanswered, 1) == 0)
            {
                LogUnanswered(key, error.Message);
            }

            return;
        }

        if (Interlocked.Exchange(ref _isUnanswered, 0) == 1)
        {
            LogAnswered();
        }

        if (WhyLost(key, found) is { } why)
        {
            Lose(key, why);
        }
    }

    private void Lose(KeyRef key, string why)
    {
        Task<DataKey>? lost;
        lock (_gate)
        {
            if (!_keys.Remove(key, out lost))
            {
                return;
            }
        }

        Tell(_ => lost.Result.Dispose(), key);
        LogLost(key, why);
        foreach (var listener in Lost?.GetInvocationList() ?? [])
        {
            Tell((Action<KeyRef>)listener, key);
        }
    }

    /// <summary>One listener's failure must not keep the others from closing what they have open.</summary>
    private void Tell(Action<KeyRef> listener, KeyRef key)
    {
        try
        {
            listener(key);
        }
        catch (Exception error)
        {
            LogListenerFailed(error, key);
        }
    }
}
