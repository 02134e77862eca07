using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Reads one replica of a snapshot, in its own address space, for all the disks of this process that are cloned from
/// it. It remembers where each segment's bytes were last, so that a read of a resident segment is an array look-up and
/// a reference count.
/// </summary>
public sealed partial class ReplicaReader
{
    private const int SlotsPerPage = 1024;
    private const int MaxLeaseAttempts = 16;

    private readonly SnapshotMap _snapshot;
    private readonly ReplicaMap? _derived;
    private readonly IDataPlane _plane;
    private readonly TimeProvider _time;
    private readonly TimeSpan _readTimeout;
    private readonly int _segmentShift;
    private readonly ConcurrentDictionary<long, SharedLoad> _loads = new();

    // Pages are made on first touch: an empty 1 TiB snapshot costs 8 KiB here, not 8 MiB.
    private readonly SegmentBuffer?[]?[] _pages;

    internal ReplicaReader(
        ReplicaId id, SnapshotMap snapshot, IDataPlane plane, ReaderDecryption? decryption, TimeSpan readTimeout,
        long readAheadBytes, TimeProvider time)
    {
        Id = id;
        _snapshot = snapshot;
        _derived = id.Format is { } format
            ? new ReplicaMap(
                snapshot.Segments, format.LayoutOf(snapshot.Segments.SizeBytes), id.Snapshot.ToString(),
                snapshot.Key?.Id ?? Guid.Empty, id.Key?.Id ?? Guid.Empty)
            : null;
        Map = _derived?.Map ?? snapshot.Segments;
        _plane = decryption is not null && _derived is { } replica && (snapshot.Key, id.Key) is ({ } key, null)
            ? decryption.Over(plane, id, replica, key) : plane;
        _time = time;
        _readTimeout = readTimeout;
        _readAhead = new ReadAhead(Map, readAheadBytes);
        _segmentShift = int.TrailingZeroCount(Map.SegmentSizeBytes);
        _pages = new SegmentBuffer?[checked((int)((Map.SegmentCount + SlotsPerPage - 1) / SlotsPerPage))][];
    }

    /// <summary>The replica.</summary>
    public ReplicaId Id { get; }

    /// <summary>The key that its bytes are under; null for none.</summary>
    public KeyRef? Key => Id.IsBase ? _snapshot.Key : Id.Key;

    /// <summary>Its size, zero segments and digests, in its own address space.</summary>
    public SegmentMap Map { get; }

    /// <summary>The segments of its snapshot, which traces are about.</summary>
    internal SegmentMap Base => _snapshot.Segments;

    /// <summary>Where its bytes lie; null for the base replica, which lies as its snapshot does.</summary>
    internal StripeLayout? Layout => _derived?.Layout;

    /// <summary>
    /// Lends the bytes from <paramref name="offset"/> to the end of that segment, at most
    /// <paramref name="maxLength"/>, if they are at hand: the hot path, which neither waits nor allocates.
    /// </summary>
    /// <param name="offset">Byte offset, less than the snapshot's size.</param>
    /// <param name="maxLength">Most bytes wanted, at least 1.</param>
    /// <param name="slice">The bytes; the caller releases them.</param>
    /// <returns>False when the segment must be located first: use <c>LeaseAsync</c>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLease(long offset, int maxLength, out SegmentSlice slice)
    {
        var number = offset >> _segmentShift;
        var start = (int)(offset & (Map.SegmentSizeBytes - 1));
        var buffer = SlotOf(number);
        if (buffer is not null && start < buffer.Length && buffer.TryLease())
        {
            slice = new SegmentSlice(buffer, start, Math.Min(maxLength, buffer.Length - start));
            return true;
        }

        return TryZero(number, start, maxLength, out slice);
    }

    /// <summary>Like <see cref="TryLease"/>, but waits for a segment that must be located or loaded.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had by the read's deadline.</exception>
    public ValueTask<SegmentSlice> LeaseAsync(long offset, int maxLength, CancellationToken cancellationToken) =>
        LeaseAsync(offset, maxLength, FetchPriority.Demand, cancellationToken);

    /// <summary>Like <see cref="TryLease"/>, but waits for a segment that must be located or loaded.</summary>
    /// <param name="offset">Byte offset, less than the snapshot's size.</param>
    /// <param name="maxLength">Most bytes wanted, at least 1.</param>
    /// <param name="priority">Why they are wanted: a demand goes before everything else, and is read ahead of.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SnapshotGrainsException">It cannot be had by the read's deadline.</exception>
    public ValueTask<SegmentSlice> LeaseAsync(
        long offset, int maxLength, FetchPriority priority, CancellationToken cancellationToken) =>
        TryLease(offset, maxLength, out var slice)
            ? ValueTask.FromResult(slice)
            : LeaseColdAsync(offset, maxLength, priority, cancellationToken);

    /// <summary>Whether it reads the snapshot that has this map.</summary>
    internal bool IsOf(SnapshotMap snapshot) =>
        _snapshot.Key == snapshot.Key && _snapshot.Segments.ContentEquals(snapshot.Segments);

    private bool TryZero(long number, int start, int maxLength, out SegmentSlice slice)
    {
        var isZero = Map.IsZero(number) || start >= Map.LengthOf(number);
        var left = Math.Min(Map.SegmentSizeBytes, Map.SizeBytes - (number << _segmentShift)) - start;
        slice = isZero ? new SegmentSlice(null, start, (int)Math.Min(maxLength, left)) : default;
        return isZero;
    }

    private SegmentKey KeyOf(long number, Digest digest) => new(
        Id, number, digest.ToString(), (_derived?.PlacementOf(number) ?? digest).ToString());

    private async ValueTask<SegmentSlice> LeaseColdAsync(
        long offset, int maxLength, FetchPriority priority, CancellationToken cancellationToken)
    {
        var number = offset >> _segmentShift;
        var arrivedAt = _time.GetTimestamp();
        for (var attempt = 0; attempt < MaxLeaseAttempts; attempt++)
        {
            if (TakeAhead(number) && TryLease(offset, maxLength, out var slice))
            {
                ReadOn(offset, maxLength, priority);
                return slice;
            }

            var load = LoadOf(number, priority);
            if (!load.TryJoin())
            {
                continue;
            }

            try
            {
                load.Urgency.Raise(priority);
                var segment = load.Segment;
                ReadOn(offset, maxLength, priority);
                await segment.WaitAsync(TimeLeft(arrivedAt), _time, cancellationToken).ConfigureAwait(false);
                TakeAhead(number);
                if (TryLease(offset, maxLength, out slice))
                {
                    return slice;
                }
            }
            catch (SnapshotGrainsException error)
                when (WasLessUrgent(load, priority) || WasLate(load, arrivedAt, error))
            {
                // The next attempt is as urgent from the start, and has all the time that is left.
            }
            catch (TimeoutException error)
            {
                throw TookTooLong(number, error);
            }
            finally
            {
                load.Leave();
            }
        }

        throw new SnapshotGrainsException(
            ErrorCode.CacheExhausted,
            $"Segment {number} of {Id} was evicted {MaxLeaseAttempts} times before it could be read; "
            + "give the silos a larger cache (--cache-bytes).");
    }

    /// <summary>All readers of this process that wait for the segment share one call to its grain.</summary>
    private SharedLoad LoadOf(long number, FetchPriority priority) => _loads.GetOrAdd(
        number,
        static (n, request) => new SharedLoad(
            request.Priority, request.Self._time.GetTimestamp(), shared => request.Self.LoadAsync(n, shared)),
        (Self: this, Priority: priority));

    private async Task<SegmentBuffer> LoadAsync(long number, SharedLoad shared)
    {
        // The load outlives any single waiter, so its deadline is its own.
        using var deadline = new CancellationTokenSource(_readTimeout, _time);
        try
        {
            var digest = Map.DigestOf(number);
            var buffer = await _plane.LeaseAsync(
                KeyOf(number, digest), digest, Map.LengthOf(number), shared.Urgency, deadline.Token)
                .ConfigureAwait(false);
            Keep(number, buffer, shared);
            return buffer;
        }
        catch (OperationCanceledException error) when (deadline.IsCancellationRequested)
        {
            throw TookTooLong(number, error);
        }
        finally
        {
            _loads.TryRemove(new(number, shared));
        }
    }

    /// <summary>What is left of a reader's time: he has all of it, whatever load he joins.</summary>
    private TimeSpan TimeLeft(long arrivedAt) => _time.GetElapsedTime(arrivedAt) is var elapsed
        && elapsed < _readTimeout ? _readTimeout - elapsed : TimeSpan.Zero;

    /// <summary>The time of a load that was begun before a reader came is over before his.</summary>
    private bool WasLate(SharedLoad load, long arrivedAt, SnapshotGrainsException error) =>
        error.Code == ErrorCode.SegmentTimeout && load.BegunAt < arrivedAt && TimeLeft(arrivedAt) > TimeSpan.Zero;

    private SnapshotGrainsException TookTooLong(long number, Exception error) => new(
        ErrorCode.SegmentTimeout,
        $"Segment {number} of {Id} was not there within {_readTimeout.TotalSeconds:0.#} s.", error);

    private ref SegmentBuffer? SlotOf(long number)
    {
        ref var page = ref _pages[number / SlotsPerPage];
        if (page is null)
        {
            Interlocked.CompareExchange(ref page, new SegmentBuffer?[SlotsPerPage], null);
        }

        return ref page[number % SlotsPerPage];
    }
}
