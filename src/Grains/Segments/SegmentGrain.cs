using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using SnapshotGrains.Grains.Placement;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// The residency of one segment. Placing the activation chose this silo; the call that activates it loads the segment;
/// at most one activation is the cluster-wide single flight; its loss is repaired by the next call.
/// </summary>
/// <remarks>
/// Kept alive by its segment, not by calls: a hot segment is read without any. The cache's eviction ends it. Calls
/// interleave: a reader who comes while the segment is loaded in the background must be able to hurry that load.
/// </remarks>
[SegmentPlacement, KeepAlive, Immovable]
internal sealed class SegmentGrain(CacheNode node, ResidentGrains residents) : Grain, ISegmentGrain
{
    private SegmentKey _key = null!;
    private Digest _digest;
    private int _locating;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = SegmentKey.Parse(this.GetPrimaryKeyString());
        _digest = Digest.Parse(_key.DigestHex);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        residents.Remove(_digest, this.AsReference<ISegmentGrain>());
        return Task.CompletedTask;
    }

    public async ValueTask<SegmentLocation> LocateAsync(SegmentUrgency urgency, CancellationToken cancellationToken)
    {
        _locating++;
        try
        {
            await node.MakeResidentAsync(_key, FetchUrgency.Of((FetchPriority)urgency), cancellationToken);
            residents.Add(_digest, this.AsReference<ISegmentGrain>());
            return new SegmentLocation(node.Name, node.Endpoints?.Http);
        }
        finally
        {
            _locating--;
            LeaveIfUseless();
        }
    }

    public Task ReleaseAsync()
    {
        LeaveIfUseless();
        return Task.CompletedTask;
    }

    public Task MoveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Deactivates where it stands for nothing. Not while a call still loads: an activation that is to end starts no
    /// more calls until those that it has are over, so nobody could hurry that load.
    /// </summary>
    private void LeaveIfUseless()
    {
        if (_locating == 0 && !node.Cache.Contains(_digest))
        {
            DeactivateOnIdle();
        }
    }
}
