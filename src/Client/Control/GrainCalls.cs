using Orleans.Runtime;

namespace SnapshotGrains.Client;

/// <summary>Grain calls that outlive the silo that was to answer them.</summary>
public static class GrainCalls
{
    private const int MaxAttempts = 8;

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(50);

    /// <summary>For calls that must not happen twice: if the silo dies under one, nobody knows what it did.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>.</exception>
    public static async Task<T> OnceAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            throw Unanswered(error);
        }
    }

    /// <summary>For calls that may be repeated: a silo's death costs them a moment.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none answered.</exception>
    public static Task<T> RepeatAsync<T>(
        Func<Task<T>> call, TimeProvider time, CancellationToken cancellationToken) =>
        RepeatAsync(call, Timeout.InfiniteTimeSpan, time, cancellationToken);

    /// <summary>
    /// For calls that may be repeated and answer soon: one that does not within <paramref name="attemptTimeout"/> went
    /// to a silo that died, and may never be answered.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none answered.</exception>
    public static async Task<T> RepeatAsync<T>(
        Func<Task<T>> call, TimeSpan attemptTimeout, TimeProvider time, CancellationToken cancellationToken)
    {
        // Without a time-out of its own, a call that ends by the engine's has had its time.
        var isPatient = attemptTimeout == Timeout.InfiniteTimeSpan;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call().WaitAsync(attemptTimeout, time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                if (attempt == MaxAttempts || (isPatient && error is TimeoutException))
                {
                    throw Unanswered(error);
                }

                await Task.Delay(FirstBackOff * attempt, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>As the first, for calls without a result.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none answered.</exception>
    public static Task RepeatAsync(Func<Task> call, TimeProvider time, CancellationToken cancellationToken) =>
        RepeatAsync(
            async () =>
            {
                await call().ConfigureAwait(false);
                return true;
            },
            time,
            cancellationToken);

    private static SnapshotGrainsException Unanswered(Exception error) =>
        new(ErrorCode.SiloUnavailable, $"The silo that should answer does not: {error.Message}", error);
}
