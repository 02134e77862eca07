namespace SnapshotGrains.Testing;

/// <summary>Waits for what must come to be, with a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Asks again until the answer is true.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="what">What is waited for.</param>
    /// <param name="timeout">How long; else two minutes.</param>
    /// <param name="tell">What to say besides when it did not come about.</param>
    /// <exception cref="TimeoutException">It was not, until the deadline.</exception>
    public static async Task IsTrueAsync(
        Func<Task<bool>> ask, string what, TimeSpan? timeout = null, Func<Task<string>>? tell = null)
    {
        using var deadline = new CancellationTokenSource(timeout ?? DefaultTimeout);
        while (!await ask())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"Within {timeout ?? DefaultTimeout} it did not come about that {what}."
                    + (tell is null ? "" : $"\n{await tell()}"));
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
