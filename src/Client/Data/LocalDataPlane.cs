using Orleans;
using Orleans.Runtime;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Reads from silos in the reader's own process: the segment's grain says which silo holds it, and the bytes are
/// handed over by reference through the <see cref="SegmentExchange"/>.
/// </summary>
/// <param name="grains">Where the segment grains are.</param>
/// <param name="exchange">The caches of this process's silos.</param>
/// <param name="maps">Where segment maps come from.</param>
/// <param name="need">Counts what is needed of the image center.</param>
/// <param name="time">The clock for back-off.</param>
public sealed class LocalDataPlane(
    IGrainFactory grains,
    SegmentExchange exchange,
    Func<SnapshotId, CancellationToken, ValueTask<SnapshotMap>> maps,
    OriginNeed need,
    TimeProvider time) : IDataPlane
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
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc />
    public ValueTask<SnapshotMap> GetSegmentMapAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        maps(snapshot, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, CancellationToken cancellationToken)
    {
        if (key.Replica.IsBase)
        {
            need.Add(digest, lengthBytes);
        }

        var grain = grains.GetGrain<ISegmentGrain>(key.ToString());
        var backOff = FirstBackOff;
        Exception? last = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                var location = await grain.LocateAsync(cancellationToken).AsTask()
                    .WaitAsync(AttemptTimeout, time, cancellationToken).ConfigureAwait(false);
                if (exchange.Find(location.Silo) is { } silo && silo.TryTake(digest, out var buffer))
                {
                    return buffer;
                }
            }
            catch (Exception error) when (IsPassing(error) && !cancellationToken.IsCancellationRequested)
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

    /// <summary>What a silo's death, a moving activation or a full cache looks like to a caller.</summary>
    private static bool IsPassing(Exception error) => error
        is OrleansException or TimeoutException or OperationCanceledException
        or SnapshotGrainsException { Code: ErrorCode.SiloUnavailable or ErrorCode.CacheExhausted };
}
