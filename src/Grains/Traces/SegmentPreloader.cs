using Orleans;
using Orleans.Runtime;
using SnapshotGrains.Grains.Placement;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Traces;

/// <summary>Makes base segments resident in the silos that own them, in order, ahead of their readers.</summary>
/// <param name="grains">Where the grains are.</param>
/// <param name="nodes">Who owns what.</param>
/// <param name="time">The clock.</param>
internal sealed class SegmentPreloader(IGrainFactory grains, CacheNodes nodes, TimeProvider time)
{
    private const int Parallelism = 8;

    /// <summary>What is loaded ahead takes this part of a cache at most, and only what is free.</summary>
    private const int CacheShare = 4;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OverallTimeout = TimeSpan.FromMinutes(2);

    private readonly NodeSurvey _silos = new(grains, AnswerTimeout, time);

    /// <summary>Loads segments; ends with the first that cannot be had.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="map">Its segments.</param>
    /// <param name="segments">Which of them, in the order in which they are wanted.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunAsync(
        SnapshotId snapshot, SegmentMap map, IReadOnlyList<long> segments, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(OverallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var room = await RoomAsync(either.Token).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            segments.Where(segment => !map.IsZero(segment)),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = either.Token },
            (segment, token) => LoadAsync(snapshot, map, segment, room, token)).ConfigureAwait(false);
    }

    private async ValueTask LoadAsync(
        SnapshotId snapshot, SegmentMap map, long segment, Room room, CancellationToken cancellationToken)
    {
        var digest = map.DigestOf(segment);
        var owner = nodes.Choose(digest, column: 0, [.. room.Silos]);
        if (room.TryTake(owner, map.LengthOf(segment)))
        {
            var key = new SegmentKey(snapshot, segment, digest.ToString());
            await TryLoadAsync(key, owner, room, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TryLoadAsync(
        SegmentKey key, SiloAddress owner, Room room, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<ISegmentGrain>(key.ToString())
                .LocateAsync(SegmentUrgency.Trace, cancellationToken).AsTask()
                .WaitAsync(LoadTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.CacheExhausted)
        {
            room.Close(owner); // what is there is of more use
        }
    }

    private async Task<Room> RoomAsync(CancellationToken cancellationToken)
    {
        var silos = await _silos.ListAsync().WaitAsync(AnswerTimeout, time, cancellationToken).ConfigureAwait(false);
        var nodes = await _silos.AskAsync(silos, node => node.DescribeAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return new Room(silos, nodes);
    }

    /// <summary>What may still be loaded into each cache, in bytes.</summary>
    private sealed class Room
    {
        private readonly Dictionary<SiloAddress, long> _left = [];
        private readonly Lock _gate = new();

        public Room(IEnumerable<SiloAddress> silos, IReadOnlyDictionary<SiloAddress, NodeInfo> answers)
        {
            Silos = [.. silos];
            foreach (var (silo, node) in answers)
            {
                var cache = node.Cache;
                _left[silo] = Math.Min(cache.BudgetBytes / CacheShare, cache.BudgetBytes - cache.UsedBytes);
            }
        }

        /// <summary>All silos, for who owns what; one that did not answer has no room.</summary>
        public IReadOnlyList<SiloAddress> Silos { get; }

        public void Close(SiloAddress silo)
        {
            lock (_gate)
            {
                _left[silo] = 0;
            }
        }

        public bool TryTake(SiloAddress silo, int bytes)
        {
            lock (_gate)
            {
                var fits = _left.TryGetValue(silo, out var left) && left >= bytes;
                _left[silo] = fits ? left - bytes : left;
                return fits;
            }
        }
    }
}
