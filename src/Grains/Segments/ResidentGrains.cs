using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orleans;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// Which segment grains of this silo stand for a resident digest, and the messenger that asks them to deactivate
/// when the cache has evicted it.
/// </summary>
public sealed partial class ResidentGrains : IAsyncDisposable
{
    /// <summary>More evictions than this at once only leave a few idle activations behind until the next one.</summary>
    private const int QueueLength = 4096;

    private readonly ConcurrentDictionary<Digest, ISegmentGrain[]> _grains = new();
    private readonly Channel<Digest> _evicted = Channel.CreateBounded<Digest>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly CancellationTokenSource _stopping = new();
    private readonly SegmentCache _cache;
    private readonly ManifestCache _manifests;
    private readonly Task _messenger;
    private readonly ILogger _log;

    /// <summary>Follows the evictions of a node's cache.</summary>
    public ResidentGrains(CacheNode node, ManifestCache manifests, ILogger<ResidentGrains> log)
    {
        _manifests = manifests;
        _log = log;
        _cache = node.Cache;
        _cache.Evicted += OnEvicted;
        _messenger = Task.Run(() => RelayAsync(_stopping.Token));
    }

    /// <summary>All grains that stand for a resident segment, with what it is.</summary>
    internal IReadOnlyList<(Digest Digest, ISegmentGrain Grain)> All() =>
        [.. _grains.SelectMany(entry => entry.Value.Select(grain => (entry.Key, grain)))];

    internal void Add(Digest digest, ISegmentGrain grain) =>
        _grains.AddOrUpdate(
            digest, _ => [grain], (_, others) => others.Contains(grain) ? others : [.. others, grain]);

    /// <summary>Takes what was made with a key out of the cache: nobody may read it any more.</summary>
    /// <returns>How many segments.</returns>
    public async Task<int> DropAsync(KeyRef key, CancellationToken cancellationToken)
    {
        var under = _grains.Where(entry => entry.Value.Any(grain => IsMadeWith(grain, key))).ToList();
        var dropped = under.Count(entry => _cache.Drop(entry.Key));

        // Then only: a grain that still loads would keep the others' segments waiting.
        await Task.WhenAll(under.SelectMany(entry => entry.Value).Select(
            grain => ReleaseAsync(grain, cancellationToken))).ConfigureAwait(false);
        return dropped;
    }

    internal void Remove(Digest digest, ISegmentGrain grain)
    {
        while (_grains.TryGetValue(digest, out var all))
        {
            var rest = all.Where(other => !other.Equals(grain)).ToArray();
            if (rest.Length == 0
                ? _grains.TryRemove(new(digest, all))
                : _grains.TryUpdate(digest, rest, all))
            {
                return;
            }
        }
    }

    /// <summary>Stops to follow.</summary>
    public async ValueTask DisposeAsync()
    {
        _cache.Evicted -= OnEvicted;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _messenger.ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Whether it is encrypted under the key, or was decrypted with it.</summary>
    private bool IsMadeWith(ISegmentGrain grain, KeyRef key)
    {
        var replica = SegmentKey.Parse(grain.GetPrimaryKeyString()).Replica;
        return !replica.IsBase && (replica.Key == key || _manifests.KeyOf(replica.Snapshot) == key);
    }

    private void OnEvicted(Digest digest) => _evicted.Writer.TryWrite(digest);

    private async Task RelayAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var digest in _evicted.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
            {
                // Back again, or told before: then there is nobody to tell.
                if (_cache.Contains(digest) || !_grains.TryRemove(digest, out var grains))
                {
                    continue;
                }

                foreach (var grain in grains)
                {
                    await ReleaseAsync(grain, stopping).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo stops, and its activations with it.
        }
    }

    private async Task ReleaseAsync(ISegmentGrain grain, CancellationToken stopping)
    {
        try
        {
            await grain.ReleaseAsync().WaitAsync(stopping).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The activation or its silo goes away by itself, as a rule, which is what was asked for.
            LogReleaseFailed(error);
        }
    }

    [LoggerMessage(1002, LogLevel.Debug, "A segment's activation could not be told that its segment was evicted")]
    private partial void LogReleaseFailed(Exception error);
}
