using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <content>Whose turn it is.</content>
public sealed partial class BoundedImageSource
{
    /// <summary>
    /// What a request that nobody waits for may keep the source busy with, in seconds: a demand that comes then waits
    /// for no more than that.
    /// </summary>
    private const double SecondsAtATime = 0.125;

    /// <summary>And all of them together: enough to fill a source that answers within this time.</summary>
    private const double SecondsInFlight = 3 * SecondsAtATime;

    private const int LeastPiece = 128 << 10;

    /// <summary>Demands may use more than what fills the source: somebody waits for each of them.</summary>
    private const int DemandFactor = 2;

    private const int LeastDemands = 8;

    /// <summary>How long demands may hold up the background, which with busy readers would never end.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(1);

    private readonly ReadQueue _queue = new();
    private readonly AdaptiveLimit _limit;
    private readonly int[] _requests = new int[4];
    private long _bytes;
    private long _bytesAhead;
    private long _backgroundAt;

    private int Requests => _requests.Sum();

    private int RequestsAhead => Requests - _requests[(int)FetchPriority.Demand];

    private void Enqueue(PendingRead read, bool isRest)
    {
        lock (_gate)
        {
            if (!isRest && _queue.Count >= _options.MaxWaiting && !MayStartLocked(read))
            {
                throw new ImageCenterException(
                    ImageErrorCode.Unavailable,
                    $"{_queue.Count} reads wait for the image center already, {Requests} are under way; try later.");
            }

            _queue.Add(read, isRest);
            PumpLocked();
        }
    }

    private async ValueTask<Turn> WaitAsync(PendingRead read, CancellationToken cancellationToken)
    {
        try
        {
            return await read.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            bool hasLeft;
            lock (_gate)
            {
                hasLeft = _queue.Remove(read);
                PumpLocked();
            }

            if (!hasLeft)
            {
                await RefuseAsync(await read.Turn.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>The turn came in the same moment: it is handed on.</summary>
    private async ValueTask RefuseAsync(Turn turn, CancellationToken cancellationToken)
    {
        if (turn.Part is { } part)
        {
            await part.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        Leave(turn.Priority, turn.StartedAt, turn.Bytes, bytes: 0);
    }

    private void Promote(PendingRead read)
    {
        lock (_gate)
        {
            if (_queue.Remove(read))
            {
                _queue.Add(read, isFirst: false);
                PumpLocked();
            }
        }
    }

    private void Leave(FetchPriority priority, long startedAt, int asked, int bytes)
    {
        lock (_gate)
        {
            _requests[(int)priority]--;
            _bytes -= ChargeOf(asked);
            _bytesAhead -= priority == FetchPriority.Demand ? 0 : asked;
            _limit.Ended(bytes, startedAt);
            PumpLocked();
        }
    }

    private void PumpLocked()
    {
        for (var priority = FetchPriority.Demand; priority <= FetchPriority.Guess; priority++)
        {
            while (_queue.First(priority) is { } first)
            {
                if (!MayStartLocked(first))
                {
                    return; // what is less urgent must not overtake it
                }

                StartLocked(first, priority);
            }
        }
    }

    /// <summary>Whether there is room for a read if it is the next.</summary>
    private bool MayStartLocked(PendingRead read)
    {
        var isDemand = read.Priority == FetchPriority.Demand;
        var most = Math.Min(
            _options.MaxRequests, isDemand ? Math.Max(LeastDemands, _limit.Requests * DemandFactor) : _limit.Requests);
        var inWay = isDemand ? Requests : RequestsAhead;
        if (inWay >= most || Requests >= _options.MaxRequests || (!isDemand && IsFullLocked(SizeOf(read))))
        {
            _limit.Reached();
            return false;
        }

        return _bytes + ChargeOf(SizeOf(read)) <= _options.MaxBytesInFlight
            && (read.Priority != FetchPriority.Background || !IsHeldUpLocked());
    }

    /// <summary>Whether what nobody waits for keeps the source busy already, as fast as that is now.</summary>
    private bool IsFullLocked(long bytes) => _bytesAhead > 0 && (_limit.BytesPerSecond == 0
        ? RequestsAhead >= _options.MinRequests
        : _bytesAhead + bytes > Math.Max(LeastPiece, _limit.BytesPerSecond * SecondsInFlight));

    /// <summary>The background waits for demands, but not for ever.</summary>
    private bool IsHeldUpLocked() => _requests[(int)FetchPriority.Demand] > 0
        && _options.TimeProvider.GetElapsedTime(_backgroundAt) < LongestHold;

    private void StartLocked(PendingRead first, FetchPriority priority)
    {
        var now = _options.TimeProvider.GetTimestamp();
        var reads = _queue.Take(first, Math.Min(_inner.MaxScatterBytes, BytesAtATime()));
        var bytes = reads.Count == 1 ? SizeOf(first) : reads.Sum(read => read.Length);
        _requests[(int)priority]++;
        _bytes += ChargeOf(bytes);
        _bytesAhead += priority == FetchPriority.Demand ? 0 : bytes;
        _backgroundAt = priority == FetchPriority.Background ? now : _backgroundAt;
        _limit.Started();
        if (reads.Count == 1)
        {
            first.Grant(new Turn(bytes, priority, now));
            return;
        }

        var request = new GatheredRead(reads, priority, now);
        for (var i = 0; i < reads.Count; i++)
        {
            reads[i].Grant(new Turn(reads[i].Length, priority, now, new GatheredPart(request, request.Parts[i])));
        }

        _ = Task.Run(() => RunAsync(request));
    }

    /// <summary>How much of a read goes at a time: all of it, if somebody waits or the source is fast.</summary>
    private int SizeOf(PendingRead read) =>
        read.Priority == FetchPriority.Demand ? read.Length : (int)Math.Min(read.Length, BytesAtATime());

    private long BytesAtATime() => _limit.BytesPerSecond == 0
        ? int.MaxValue
        : (long)Math.Max(LeastPiece, _limit.BytesPerSecond * SecondsAtATime);

    /// <summary>A read that is larger than all that may be under way goes when nothing else is.</summary>
    private long ChargeOf(int bytes) => Math.Min(bytes, _options.MaxBytesInFlight);
}
