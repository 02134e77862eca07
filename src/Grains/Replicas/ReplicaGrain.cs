using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>
/// One derived replica. Its record is the catalog's, its segments are segment grains'; this builds, describes and
/// removes. Reentrant, so that it can be looked at and removed while it is built.
/// </summary>
[Reentrant]
internal sealed partial class ReplicaGrain(
    ReplicaBuilder builder,
    ReplicaNodes nodes,
    DerivationInputs inputs,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<ReplicaGrain> log) : Grain, IReplicaGrain
{
    private ReplicaId Id => ReplicaId.Parse(this.GetPrimaryKeyString());

    private IReplicaCatalogGrain Catalog => grains.GetGrain<IReplicaCatalogGrain>(0);

    public async Task<ReplicaInfo> CreateAsync(
        ReplicaBuild build, bool keep, CancellationToken cancellationToken)
    {
        await CheckAsync(keep || build == ReplicaBuild.Eager, cancellationToken);
        var record = await Catalog.RegisterAsync(Id, build, keep, cancellationToken);
        var info = await DescribeAsync(record, cancellationToken);
        if (build == ReplicaBuild.Eager && info.State == ReplicaState.Ready && info.BuiltSegments < info.Segments)
        {
            // Some of it had to make room for others since it was built.
            record = record with { State = ReplicaState.Building, LogicalDigest = null };
            await Catalog.UpdateAsync(record, cancellationToken);
            info = info with { State = record.State, LogicalDigest = null, VerifiedSegments = 0 };
        }

        EnsureRun(record);
        return info;
    }

    public Task<ReplicaInfo> BuildAsync(CancellationToken cancellationToken) =>
        CreateAsync(ReplicaBuild.Eager, keep: true, cancellationToken);

    public async Task<ReplicaInfo> DescribeAsync(CancellationToken cancellationToken)
    {
        var record = await GetAsync(cancellationToken);
        EnsureRun(record);
        return await DescribeAsync(record, cancellationToken);
    }

    public async Task<bool> ResumeAsync(CancellationToken cancellationToken)
    {
        if (await Catalog.GetAsync(Id, cancellationToken) is { } record)
        {
            EnsureRun(record);
        }

        return IsRunning;
    }

    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        _ = await GetAsync(cancellationToken);
        await CheckUnusedAsync(cancellationToken);
        _isEnding = true;
        try
        {
            await StopRunAsync();
            await Catalog.RemoveAsync(Id, cancellationToken);
        }
        finally
        {
            _isEnding = false;
        }

        DeactivateOnIdle();
    }

    public async Task StopAsync()
    {
        await StopRunAsync();
        DeactivateOnIdle();
    }

    private async Task<ReplicaRecord> GetAsync(CancellationToken cancellationToken) =>
        await Catalog.GetAsync(Id, cancellationToken) ?? throw ReplicaCatalog.NoSuchReplica(Id);

    private async Task<ReplicaInfo> DescribeAsync(ReplicaRecord record, CancellationToken cancellationToken)
    {
        var info = (await nodes.DescribeAsync([record], cancellationToken))[0];
        if (info.State != ReplicaState.Building)
        {
            return info;
        }

        var (rate, eta) = IsRunning ? _progress.Pace : (0, null);
        return info with
        {
            VerifiedSegments = Math.Min(_progress.VerifiedSegments, info.SourceSegments),
            BytesPerSecond = rate,
            EtaSeconds = eta,
            Problem = _hindrance,
        };
    }

    /// <summary>A replica that could never be read, or is no other than the base replica, is not made.</summary>
    private async Task CheckAsync(bool isKept, CancellationToken cancellationToken)
    {
        var id = Id;
        var image = await grains.GetGrain<ISnapshotGrain>(id.Snapshot.ToString()).DescribeAsync(cancellationToken);
        if (image.IsDeleting)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse, $"Snapshot {id.Snapshot} is being deleted; make a replica of another.");
        }

        if (id.Format is null or { StripeCount: 1 } && image.Key == id.Key
            && (id.Format?.SegmentSizeBytes ?? image.SegmentSizeBytes) == image.SegmentSizeBytes)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"Replica {id} is what the image center feeds, and is always there; choose another stripe format or "
                + "key.");
        }

        if (isKept && inputs.Store is not { Statistics.BudgetBytes: > 0 })
        {
            throw new SnapshotGrainsException(
                ErrorCode.NoSpace, "The silos keep no replicas on disk; give them room (--replica-bytes).");
        }

        if (id.Key is { } key)
        {
            _ = await inputs.OpenKey(key, cancellationToken);
        }
    }

    private async Task CheckUnusedAsync(CancellationToken cancellationToken)
    {
        var id = Id;
        var shards = await Task.WhenAll(Enumerable.Range(0, DiskCatalog.Shards).Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard).ListAsync(id.Snapshot, cancellationToken)));
        var disks = shards.Sum(shard => shard.Count(disk => disk.NeedsParent && disk.Replica == id));
        if (disks > 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse,
                $"{disks} disks that are cloned from replica {id} need it; delete or flatten them first.");
        }
    }
}
