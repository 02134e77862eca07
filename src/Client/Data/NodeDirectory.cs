using System.Collections.Concurrent;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The cluster's silos as a reader knows them: it computes a segment's owner with the function that placement uses, so
/// that a warm read needs nobody's advice. What it knows may be old; whoever is asked in error says who is right.
/// Thread-safe.
/// </summary>
/// <param name="list">Lists the silos that answer.</param>
/// <param name="time">The clock.</param>
public sealed class NodeDirectory(Func<CancellationToken, Task<IReadOnlyList<NodeInfo>>> list, TimeProvider time)
{
    /// <summary>How long a list is used before another one is fetched, behind the reads.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(10);

    /// <summary>How long a silo that did not answer is left alone.</summary>
    private static readonly TimeSpan SuspectFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> _suspects = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private NodeList? _known;
    private Task<NodeList>? _refresh;

    /// <summary>The silos, as they were listed last; null before that.</summary>
    internal NodeList? Known => Volatile.Read(ref _known);

    /// <summary>The silos, as they were listed last.</summary>
    /// <exception cref="SnapshotGrainsException">There is no list yet, and nobody gives one.</exception>
    internal ValueTask<NodeList> GetAsync(CancellationToken cancellationToken)
    {
        if (Known is not { } known)
        {
            return new(RefreshAsync(cancellationToken));
        }

        if (time.GetElapsedTime(known.ListedAt) > GoodFor)
        {
            _ = StartRefresh(); // who reads now need not wait for it
        }

        return new(known);
    }

    /// <summary>The silo that would own a segment if some were gone; null when none is known.</summary>
    /// <exception cref="SnapshotGrainsException">There is no list yet, and nobody gives one.</exception>
    public async ValueTask<NodeInfo?> GetOwnerAsync(
        SegmentKey key, Func<string, bool> isGone, CancellationToken cancellationToken) =>
        (await GetAsync(cancellationToken).ConfigureAwait(false)).OwnerOf(key, isGone);

    /// <summary>The silos where copies of a segment belong, best first, its owner among them.</summary>
    /// <exception cref="SnapshotGrainsException">There is no list yet, and nobody gives one.</exception>
    public async ValueTask<IEnumerable<NodeInfo>> RankAsync(SegmentKey key, CancellationToken cancellationToken) =>
        (await GetAsync(cancellationToken).ConfigureAwait(false)).Rank(key);

    /// <summary>HTTP addresses of the processes that the silos are in, each once.</summary>
    /// <exception cref="SnapshotGrainsException">There is no list yet, and nobody gives one.</exception>
    public async ValueTask<IReadOnlyList<Uri>> GetProcessesAsync(CancellationToken cancellationToken) =>
    [
        .. (await GetAsync(cancellationToken).ConfigureAwait(false)).Nodes
            .Select(node => node.Endpoints?.Http).OfType<Uri>().Distinct(),
    ];

    /// <summary>Lists the silos anew; all who ask meanwhile share one list.</summary>
    internal Task<NodeList> RefreshAsync(CancellationToken cancellationToken) =>
        StartRefresh().WaitAsync(cancellationToken);

    /// <summary>A silo did not answer: others are asked first for a while.</summary>
    internal void Suspect(string silo)
    {
        _suspects[silo] = time.GetTimestamp();
        _ = StartRefresh();
    }

    /// <summary>It has answered.</summary>
    internal void Trust(string silo)
    {
        if (!_suspects.IsEmpty)
        {
            _suspects.TryRemove(silo, out _);
        }
    }

    /// <summary>Whether it did not answer lately.</summary>
    internal bool IsSuspect(string silo) => !_suspects.IsEmpty
        && _suspects.TryGetValue(silo, out var since) && time.GetElapsedTime(since) < SuspectFor;

    private Task<NodeList> StartRefresh()
    {
        lock (_gate)
        {
            return _refresh ??= Task.Run(ListAsync);
        }
    }

    private async Task<NodeList> ListAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(ListTimeout, time);
            var nodes = await list(deadline.Token).ConfigureAwait(false);
            var listed = new NodeList(nodes, time.GetTimestamp());

            // An empty list is a cluster in trouble; the last good one is a better guess.
            return nodes.Count > 0 || _known is null ? _known = listed : _known;
        }
        catch (Exception error) when (_known is { } known && error is SnapshotGrainsException
            or OperationCanceledException)
        {
            // It stays good for another while: what is asked for wrongly is answered with where it is.
            return _known = new NodeList(known.Nodes, time.GetTimestamp());
        }
        catch (OperationCanceledException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"No list of silos came within {ListTimeout.TotalSeconds:0} s.", error);
        }
        finally
        {
            lock (_gate)
            {
                _refresh = null;
            }
        }
    }
}
