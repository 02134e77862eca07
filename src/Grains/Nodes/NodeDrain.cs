using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Placement;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Nodes;

/// <summary>
/// Hands over what a silo has before it goes: its segments to the silos that will own them, which take them from here
/// rather than from the image center, and its disks to nodes that share its directory.
/// </summary>
public sealed partial class NodeDrain : IAsyncDisposable
{
    private const int Parallelism = 4;

    /// <summary>With pauses in between that last for longer than others take to hear of a drain.</summary>
    private const int MaxAttempts = 16;

    private static readonly TimeSpan BackOff = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MoveTimeout = TimeSpan.FromSeconds(10);

    private readonly CacheNode _node;
    private readonly ResidentGrains _residents;
    private readonly CacheNodes _nodes;
    private readonly IGrainFactory _grains;
    private readonly IDiskHome _home;
    private readonly SiloAddress _self;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Guid, byte> _others = new();
    private readonly Lock _gate = new();
    private Task _work = Task.CompletedTask;
    private int _segmentsMoved;
    private int _disksMoved;

    internal NodeDrain(
        CacheNode node,
        ResidentGrains residents,
        CacheNodes nodes,
        IGrainFactory grains,
        IDiskHome home,
        ILocalSiloDetails self,
        TimeProvider time,
        ILogger<NodeDrain> log)
    {
        (_node, _residents, _nodes, _grains, _home) = (node, residents, nodes, grains, home);
        (_self, _time, _log) = (self.SiloAddress, time, log);
    }

    /// <summary>Whether this silo is to take nothing new.</summary>
    public bool IsDraining => _nodes.IsDraining(_self);

    /// <summary>How far it is.</summary>
    public DrainProgress Progress => new(
        !_work.IsCompleted, _segmentsMoved, _residents.All().Count, _disksMoved,
        _home.Disks.Count(disk => !_others.ContainsKey(disk.Id)));

    /// <summary>Starts to hand over, or goes on with it.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_work.IsCompleted && !_stop.IsCancellationRequested)
            {
                _work = Task.Run(() => RunAsync(_stop.Token));
            }
        }
    }

    /// <summary>Hands over all that can be, for a silo that is about to leave.</summary>
    /// <param name="cancellationToken">Leaves the rest where it is.</param>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        Start();
        await _work.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Whether a disk of this silo is to be kept by another node of the same directory.</summary>
    internal async Task<bool> ShouldMoveAsync() =>
        IsDraining && _nodes.IsHomeElsewhere(_home.Directory, _self, await HostsAsync().ConfigureAwait(false));

    /// <summary>Stops, wherever it is.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = stop };
            if (await ShouldMoveAsync().ConfigureAwait(false))
            {
                await Parallel.ForEachAsync(
                    _home.Disks, options, (disk, token) => new ValueTask(MoveAsync(disk, token)))
                    .ConfigureAwait(false);
            }

            var silos = (await HostsAsync().ConfigureAwait(false)).ToArray();
            await Parallel.ForEachAsync(
                _residents.All(), options,
                (resident, token) => new ValueTask(MoveAsync(resident.Digest, resident.Grain, silos, token)))
                .ConfigureAwait(false);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            LogFailed(error);
        }
    }

    /// <summary>
    /// First the bytes, then the grain: whoever asks in between finds the segment here, afterwards there.
    /// </summary>
    private async Task MoveAsync(Digest digest, ISegmentGrain grain, SiloAddress[] silos, CancellationToken stop)
    {
        var key = SegmentKey.Parse(grain.GetPrimaryKeyString());
        var owner = _nodes.Choose(Digest.Parse(key.PlacementHex), key.Column, [.. silos]);
        if (owner.Equals(_self))
        {
            return; // nobody else is there
        }

        try
        {
            if (_node.Cache.TryLease(digest, out var bytes))
            {
                var length = bytes.Length;
                bytes.Release();
                await _grains.GetGrain<INodeGrain>(owner.ToParsableString())
                    .AdoptAsync(key.ToString(), length, new SegmentLocation(_node.Name, _node.Endpoints?.Http), stop)
                    .WaitAsync(MoveTimeout, _time, stop).ConfigureAwait(false);
            }

            await grain.MoveAsync().WaitAsync(MoveTimeout, _time, stop).ConfigureAwait(false);
            _node.Cache.Drop(digest);
            _residents.Remove(digest, grain);
            Interlocked.Increment(ref _segmentsMoved);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or SnapshotGrainsException)
        {
            // It goes with the silo then, and is fetched again by whoever needs it.
            LogNotMoved(key, error.Message);
        }
    }

    /// <summary>
    /// Asks a disk's grain to go, which it does when it lives here: the silos of a process share what is open. Where it
    /// is afterwards the disk hydrates on, as it would after an end of this silo.
    /// </summary>
    private async Task MoveAsync(DiskInfo disk, CancellationToken stop)
    {
        var grain = _grains.GetGrain<IDiskGrain>(disk.Name);
        var hasLeft = false;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                if (await FindAsync(grain, stop).ConfigureAwait(false) is { } place)
                {
                    await SettleAsync(disk, grain, place, hasLeft, stop).ConfigureAwait(false);
                    return;
                }

                // Who does not know yet that this silo goes may bring it back: it is looked for again.
                hasLeft = true;
                await ResumeAsync(grain, stop).ConfigureAwait(false);
            }
            catch (Exception error) when (error is OrleansException or TimeoutException or SnapshotGrainsException)
            {
                LogDiskNotMoved(disk.Name, error.Message);
            }

            await Task.Delay(BackOff * attempt, _time, stop).ConfigureAwait(false);
        }
    }

    private async Task SettleAsync(
        DiskInfo disk, IDiskGrain grain, DiskLocation place, bool hasLeft, CancellationToken stop)
    {
        if (place.Process != _home.Process)
        {
            // Its grain may have been sent away before, or not have been here: nothing of the disk must stay.
            await _home.MoveAwayAsync(disk.Id, stop).ConfigureAwait(false);
            await ResumeAsync(grain, stop).ConfigureAwait(false);
            hasLeft = true;
        }

        if (place.Process == _home.Process && place.Node == _node.Name)
        {
            _others.TryRemove(disk.Id, out _); // guests are attached to it here
            return;
        }

        _others[disk.Id] = 0;
        Interlocked.Add(ref _disksMoved, hasLeft ? 1 : 0);
    }

    private Task ResumeAsync(IDiskGrain grain, CancellationToken stop) =>
        grain.ResumeAsync(stop).WaitAsync(MoveTimeout, _time, stop);

    /// <summary>Where a disk's grain lives; null when it has just left this silo for another.</summary>
    private async Task<DiskLocation?> FindAsync(IDiskGrain grain, CancellationToken stop)
    {
        try
        {
            return await grain.LocateAsync(stop).WaitAsync(MoveTimeout, _time, stop).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.SiloUnavailable)
        {
            return null;
        }
    }

    private Task<IReadOnlyCollection<SiloAddress>> HostsAsync() =>
        new NodeSurvey(_grains, MoveTimeout, _time).ListAsync().WaitAsync(MoveTimeout, _time);

    [LoggerMessage(1501, LogLevel.Warning, "Handing over what this silo has ended early")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(1502, LogLevel.Information, "Segment {Key} was not handed over: {Why}")]
    private partial void LogNotMoved(SegmentKey key, string why);

    [LoggerMessage(1503, LogLevel.Information, "Disk '{Disk}' was not handed over, or does not load on yet: {Why}")]
    private partial void LogDiskNotMoved(string disk, string why);
}
