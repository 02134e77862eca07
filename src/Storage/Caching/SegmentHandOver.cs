using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SnapshotGrains.Storage;

/// <summary>
/// Keeps a silo's freshly located segments leased until their reader has taken its own lease, or until a moment has
/// passed: a cache much smaller than its readers' demand would otherwise evict them on the way.
/// </summary>
/// <remarks>What is kept counts against the cache's budget like any lease; loads wait for room meanwhile.</remarks>
public sealed class SegmentHandOver : IAsyncDisposable
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<Digest, Kept> _kept = new();
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

    /// <summary>Takes over the caller's lease on <paramref name="segment"/>.</summary>
    public void Keep(SegmentBuffer segment)
    {
        if (!_kept.TryAdd(segment.Digest, new Kept(segment, _time.GetTimestamp())))
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
