using Orleans;
using Orleans.Runtime;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Asks a segment's grain which silo holds it, and takes the bytes by reference where that is a silo of this process.
/// </summary>
/// <param name="grains">Where the segment grains are; asked for each call, as it may be a silo, which ends.</param>
/// <param name="exchange">The caches of this process's silos.</param>
/// <param name="self">Where this process is reached; null while that is not known.</param>
/// <param name="time">The clock for back-off.</param>
public sealed class SegmentLocator(
    Func<IGrainFactory> grains, SegmentExchange exchange, Func<NodeEndpoints?> self, TimeProvider time)
{
    /// <summary>
    /// A segment may be evicted between the grain's answer and the lease, and a silo may die under the call; both
    /// pass. More than this many in a row is not bad luck, and the caller's deadline usually ends it sooner.
    /// </summary>
    private const int MaxAttempts = 1000;

    /// <summary>
    /// A call that was under way to a silo that died may never be answered. Asking again is cheap: if the segment is
    /// merely slow to come, the second call joins the same load.
    /// </summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMilliseconds(500);

    /// <summary>Leases a segment that a silo of this process has resident.</summary>
    public bool TryTake(in Digest digest, out SegmentBuffer? bytes) => exchange.TryTake(digest, out bytes);

    /// <summary>Makes the segment resident and takes it, or says which other process has it.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The digest in its key.</param>
    /// <param name="urgency">How urgent that is; when it rises, the grain is told.</param>
    /// <param name="cancellationToken">Ends the wait; carries the read's deadline.</param>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public async ValueTask<LocatedSegment> LocateAsync(
        SegmentKey key, Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var name = key.ToString();
        var backOff = FirstBackOff;
        Exception? last = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                var grain = grains().GetGrain<ISegmentGrain>(name);
                using var claim = exchange.Claim(digest);
                var location = await AskAsync(grain, urgency, claim, cancellationToken).ConfigureAwait(false);
                if (claim.TryTake(out var bytes) || exchange.Find(location!.Silo)?.TryTake(digest, out bytes) == true)
                {
                    return new LocatedSegment(bytes);
                }

                if (IsElsewhere(location))
                {
                    return new LocatedSegment(null, location);
                }
            }
            catch (Exception error) when (IsPassing(error, urgency) && !cancellationToken.IsCancellationRequested)
            {
                last = error;
            }

            if (attempt > 0)
            {
                await Task.Delay(backOff, time, cancellationToken).ConfigureAwait(false);
                backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
            }
        }

        throw new SnapshotGrainsException(
            ErrorCode.SiloUnavailable,
            $"Segment {key} could not be taken from its silo in {MaxAttempts} attempts; is its cache too small?",
            last);
    }

    /// <summary>Asks again at once whenever the reason becomes more urgent: each such call hurries the load.</summary>
    /// <returns>Null when the segment has come here before the answer.</returns>
    private async ValueTask<SegmentLocation?> AskAsync(
        ISegmentGrain grain, FetchUrgency urgency, SegmentClaim claim, CancellationToken cancellationToken)
    {
        // Never disposed: it has no wait handle, and may be told of once more after the registration's end.
        var rises = new SemaphoreSlim(0);
        using var registration = urgency.OnRaised(() => rises.Release());
        while (true)
        {
            var call = grain.LocateAsync((SegmentUrgency)urgency.Priority, cancellationToken).AsTask();
            claim.Follow(call);
            var raised = rises.WaitAsync(CancellationToken.None);
            var first = await Task.WhenAny(claim.Given, call, raised)
                .WaitAsync(AttemptTimeout, time, cancellationToken).ConfigureAwait(false);
            if (first != raised)
            {
                return first == call ? await call.ConfigureAwait(false) : null;
            }
        }
    }

    /// <summary>A silo of this process that is not in the exchange any more has just left.</summary>
    private bool IsElsewhere(SegmentLocation location) =>
        exchange.Find(location.Silo) is null && location.Http is { } http && http != self()?.Http;

    /// <summary>What a silo's death, a moving activation or a full cache looks like to a caller.</summary>
    private static bool IsPassing(Exception error, FetchUrgency urgency) => error switch
    {
        SnapshotGrainsException { Code: ErrorCode.CacheExhausted } =>
            !urgency.Priority.IsAhead(), // what is only likely needs no patience
        SnapshotGrainsException { Code: var code } => code == ErrorCode.SiloUnavailable,
        _ => error is OrleansException or TimeoutException or OperationCanceledException,
    };
}
