namespace SnapshotGrains.Testing;

/// <summary>Waits for what must come to be, with a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Asks again until the answer is true.</summary>
    /// <exception cref="TimeoutException">It was not, until the deadline.</exception>
    public static async Task IsTrueAsync(Func<Task<bool>> ask, string what, TimeSpan? timeout = null)
    {
        using var deadline = new CancellationTokenSource(timeout ?? DefaultTimeout);
        while (!await ask())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"Within {timeout ?? DefaultTimeout} it did not come about that {what}.");
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
