using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// Gives a silo's freshly located segments to the readers of this process that claim them. What nobody claims it keeps
/// leased until its reader has taken its own lease, or until a moment has passed: a cache much smaller than its
/// readers' demand would otherwise evict it on the way.
/// </summary>
/// <remarks>What is kept counts against the cache's budget like any lease; loads wait for room meanwhile.</remarks>
public sealed class SegmentHandOver : IAsyncDisposable
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<Digest, Kept> _kept = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, List<SegmentClaim>> _claims = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly Task _sweeper;
    private int _isDisposed;

    /// <summary>Hands over the segments of <paramref name="cache"/>, which outlives it.</summary>
    /// <param name="cache">Where the segments are.</param>
    /// <param name="time">The clock.</param>
    public SegmentHandOver(SegmentCache cache, TimeProvider time)
    {
        Cache = cache;
        _time = time;
        _sweeper = Task.Run(() => SweepAsync(_stopping.Token));
    }

    /// <summary>Where the segments are.</summary>
    public SegmentCache Cache { get; }

    /// <summary>Takes over the caller's lease on <paramref name="segment"/>: one reader's, if one claims it.</summary>
    public void Keep(SegmentBuffer segment)
    {
        if (!TryGive(segment) && !_kept.TryAdd(segment.Digest, new Kept(segment, _time.GetTimestamp())))
        {
            segment.Release();
        }
    }

    /// <summary>Leases a resident segment to its reader; nothing needs to be kept for him any longer.</summary>
    /// <param name="digest">The segment's content.</param>
    /// <param name="segment">The segment; the reader releases it.</param>
    /// <returns>False when it is not resident.</returns>
    public bool TryTake(in Digest digest, [NotNullWhen(true)] out SegmentBuffer? segment)
    {
        var isTaken = Cache.TryLease(digest, out segment);
        Forget(digest);
        return isTaken;
    }

    /// <summary>Lets everything go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _sweeper.ConfigureAwait(false);
        _stopping.Dispose();
        foreach (var digest in _kept.Keys)
        {
            Forget(digest);
        }
    }

    internal void Expect(SegmentClaim claim)
    {
        lock (_gate)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_claims, claim.Digest, out _) ??= [];
            _claims[claim.Digest].Add(claim);
        }
    }

    internal void Leave(SegmentClaim claim)
    {
        lock (_gate)
        {
            if (_claims.TryGetValue(claim.Digest, out var others) && others.Remove(claim) && others.Count == 0)
            {
                _claims.Remove(claim.Digest);
            }
        }
    }

    /// <summary>
    /// To the first who waits, as each call that locates a segment brings it once; else one that nobody waits for any
    /// more may have come.
    /// </summary>
    private bool TryGive(SegmentBuffer segment)
    {
        lock (_gate)
        {
            return _claims.TryGetValue(segment.Digest, out var claims)
                && (claims.Exists(claim => claim.TryGive(segment)) || claims.Exists(claim => claim.TryDrop(segment)));
        }
    }

    private void Forget(in Digest digest)
    {
        if (_kept.TryRemove(digest, out var kept))
        {
            kept.Segment.Release();
        }
    }

    private async Task SweepAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(KeepFor, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                foreach (var (digest, kept) in _kept)
                {
                    if (_time.GetElapsedTime(kept.Since) >= KeepFor)
                    {
                        Forget(digest);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private sealed record Kept(SegmentBuffer Segment, long Since);
}
