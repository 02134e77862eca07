using Polly;
using Polly.Retry;
using Polly.Timeout;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Repeats requests that failed for a passing reason: exponential back-off with jitter, or the pause that the image
/// center asks for; bounded attempts, a time limit for each attempt and for the whole, and a budget that keeps retries
/// a small share of the load. Thread-safe.
/// </summary>
public sealed class RetryingImageSource : IImageSource
{
    private readonly IImageSource _inner;
    private readonly RetryBudget _budget;
    private readonly ResiliencePipeline _pipeline;
    private long _retries;

    /// <summary>Repeats requests to <paramref name="inner"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RetryingImageSource(IImageSource inner, RetryingSourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _inner = inner;
        _budget = new RetryBudget(options.RetriesPerRequest, options.RetryReserve);
        _pipeline = Build(options);
    }

    /// <summary>Attempts made beyond the first ones.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <inheritdoc/>
    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken) =>
        RunAsync(
            static (request, token) => request.Inner.GetManifestAsync(request.Name, request.Snap, token),
            (Inner: _inner, Name: name, Snap: snap),
            cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        _inner.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        await ReadAsync(pack, offset, destination, FetchUrgency.Demand, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken) =>
        RunAsync(
            static (request, token) => request.Inner.ReadAsync(
                request.Pack, request.Offset, request.Destination, request.Urgency, token),
            (Inner: _inner, Pack: pack, Offset: offset, Destination: destination, Urgency: urgency),
            cancellationToken);

    /// <inheritdoc/>
    public void Forget(PackId pack) => _inner.Forget(pack);

    private static bool IsTransient(Exception? e) =>
        e is ImageCenterException { IsTransient: true } or TimeoutRejectedException;

    private async ValueTask<TResult> RunAsync<TRequest, TResult>(
        Func<TRequest, CancellationToken, ValueTask<TResult>> act, TRequest request,
        CancellationToken cancellationToken)
    {
        _budget.Deposit();
        try
        {
            return await _pipeline.ExecuteAsync(
                static (state, token) => state.Act(state.Request, token),
                (Act: act, Request: request),
                cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutRejectedException e)
        {
            throw new ImageCenterException(
                ImageErrorCode.Timeout,
                $"The image center did not answer within {e.Timeout.TotalSeconds:0.###} s; is it overloaded or hung?",
                e);
        }
    }

    /// <summary>
    /// Time limits cancel the source's own work and wait for it to stop: a read must have let go of its destination
    /// before the next attempt writes there.
    /// </summary>
    private ResiliencePipeline Build(RetryingSourceOptions options)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider };
        builder.AddTimeout(options.OverallTimeout);
        if (options.MaxAttempts > 1)
        {
            var retry = new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxAttempts - 1,
                Delay = options.FirstDelay,
                MaxDelay = options.MaxDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = attempt => new ValueTask<bool>(
                    IsTransient(attempt.Outcome.Exception)
                    && attempt.AttemptNumber < options.MaxAttempts - 1
                    && _budget.TryWithdraw()),
                DelayGenerator = attempt => new ValueTask<TimeSpan?>(
                    (attempt.Outcome.Exception as ImageCenterException)?.RetryAfter),
                OnRetry = _ =>
                {
                    Interlocked.Increment(ref _retries);
                    return ValueTask.CompletedTask;
                },
            };
            retry.Randomizer = options.Randomizer ?? retry.Randomizer;
            builder.AddRetry(retry);
        }

        builder.AddTimeout(options.AttemptTimeout);
        return builder.Build();
    }
}
