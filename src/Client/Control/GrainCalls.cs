using Orleans.Runtime;

namespace SnapshotGrains.Client;

/// <summary>Grain calls that outlive the silo that was to answer them.</summary>
public static class GrainCalls
{
    /// <summary>
    /// The patience for calls that may be repeated when they fail, but not when they are merely slow: done late, they
    /// would undo what came after.
    /// </summary>
    public static readonly TimeSpan NotTwice = TimeSpan.FromSeconds(40);

    private const int MaxAttempts = 8;

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(20);

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

    /// <summary>
    /// For calls that may be repeated: a silo's death costs them a moment. One that was under way to a silo that died
    /// may never be answered, so it is made again after a while, each time after a longer one: if it is merely slow, it
    /// is done twice, which must do no harm.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none answered.</exception>
    public static Task<T> RepeatAsync<T>(
        Func<Task<T>> call, TimeProvider time, CancellationToken cancellationToken) =>
        RepeatAsync(call, FirstPatience, time, cancellationToken);

    /// <summary>As the other, where it is known how soon a call answers.</summary>
    /// <param name="call">Makes the call.</param>
    /// <param name="patience">How long to wait for the first answer; doubled each time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none answered.</exception>
    public static async Task<T> RepeatAsync<T>(
        Func<Task<T>> call, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call().WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                if (attempt == MaxAttempts || (error is TimeoutException && patience > LongestPatience))
                {
                    throw Unanswered(error);
                }

                patience = error is TimeoutException ? patience * 2 : patience;
                await Task.Delay(FirstBackOff * attempt, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>As the first, for calls without a result.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none answered.</exception>
    public static Task RepeatAsync(Func<Task> call, TimeProvider time, CancellationToken cancellationToken) =>
        RepeatAsync(call, FirstPatience, time, cancellationToken);

    /// <summary>As the second, for calls without a result.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: none answered.</exception>
    public static Task RepeatAsync(
        Func<Task> call, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken) =>
        RepeatAsync(
            async () =>
            {
                await call().ConfigureAwait(false);
                return true;
            },
            patience,
            time,
            cancellationToken);

    private static SnapshotGrainsException Unanswered(Exception error) =>
        new(ErrorCode.SiloUnavailable, $"The silo that should answer does not: {error.Message}", error);
}
