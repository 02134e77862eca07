using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>
/// The record of all derived replicas. While some are built it looks after them: one whose silo died goes on without
/// anybody asking. Reentrant, so that looking one up does not wait for storage or for silos.
/// </summary>
[Reentrant]
internal sealed partial class ReplicaCatalogGrain(
    [PersistentState("replicas", StorageNames.Metadata)] IPersistentState<ReplicaCatalogState> state,
    ReplicaNodes nodes,
    ManifestCache manifests,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<ReplicaCatalogGrain> log) : Grain, IReplicaCatalogGrain
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(10);

    private readonly GroupWrite<ReplicaCatalogState> _write = new(state);

    /// <summary>Held while silos are told what is kept: they must not hear an older list last.</summary>
    private readonly SemaphoreSlim _telling = new(1);

    private IGrainTimer? _watch;

    private Dictionary<string, ReplicaRecord> Known => state.State.Replicas;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Watch();
        return Task.CompletedTask;
    }

    public async Task<ReplicaRecord> RegisterAsync(
        ReplicaId replica, ReplicaBuild build, bool keep, CancellationToken cancellationToken)
    {
        Check(replica);
        var wasKept = (await GetAsync(replica, cancellationToken))?.IsKept == true;
        var record = await _write.RunAsync(undo => Register(replica, build, keep, undo));
        if (record.IsKept && !wasKept)
        {
            await TellSilosAsync(sweep: false, cancellationToken);
        }

        Watch();
        return record;
    }

    public Task<ReplicaRecord?> GetAsync(ReplicaId replica, CancellationToken cancellationToken) =>
        _write.ReadAsync(() => Known.GetValueOrDefault(replica.ToString()));

    public async Task<ImmutableArray<ReplicaInfo>> FindAsync(
        SnapshotId? snapshot, CancellationToken cancellationToken) => await nodes.DescribeAsync(
            await _write.ReadAsync<ImmutableArray<ReplicaRecord>>(() => [.. RecordsOf(snapshot)]), cancellationToken);

    public Task<ImmutableArray<ReplicaId>> ListKeptAsync(CancellationToken cancellationToken) =>
        _write.ReadAsync(Kept);

    public async Task<bool> UpdateAsync(ReplicaRecord record, CancellationToken cancellationToken)
    {
        var isUpdated = await _write.RunAsync(undo =>
        {
            if (!Known.TryGetValue(record.Id.ToString(), out var old))
            {
                return false;
            }

            // What it is asked to be may have changed meanwhile; how far it is, only its grain says.
            Replace(
                old,
                old with
                {
                    State = record.State,
                    LogicalDigest = record.LogicalDigest,
                    Problem = record.Problem,
                },
                undo);
            return true;
        });
        Watch();
        return isUpdated;
    }

    public async Task<bool> RemoveAsync(ReplicaId replica, CancellationToken cancellationToken)
    {
        var removed = await RemoveAsync(known => known.Id == replica, cancellationToken);
        return removed.Length > 0;
    }

    public async Task RemoveOfAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        var removed = await RemoveAsync(known => known.Id.Snapshot == snapshot, cancellationToken);
        await Task.WhenAll(removed.Where(record => record.State == ReplicaState.Building).Select(
            record => grains.GetGrain<IReplicaGrain>(record.Id.ToString()).StopAsync()));
        if (removed.Any(record => record.State == ReplicaState.Building))
        {
            // What was under way when the silos were told is kept no more either.
            await TellSilosAsync(sweep: true, cancellationToken);
        }
    }

    public async Task<int> ResumeAsync(CancellationToken cancellationToken)
    {
        foreach (var snapshot in Known.Values.Select(known => known.Id.Snapshot).Distinct().ToArray())
        {
            await ForgetIfGoneAsync(snapshot, cancellationToken);
        }

        await TellSilosAsync(sweep: true, cancellationToken);
        return await ResumeBuildsAsync(cancellationToken);
    }

    private IEnumerable<ReplicaRecord> RecordsOf(SnapshotId? snapshot) => Known
        .Where(known => snapshot is null || known.Value.Id.Snapshot == snapshot)
        .OrderBy(known => known.Key, StringComparer.Ordinal).Select(known => known.Value);

    private static void Check(ReplicaId replica)
    {
        var problem = replica.Format is { } format
            ? StripeLayout.ProblemOf(format.SegmentSizeBytes, format.StripeUnitBytes, format.StripeCount)
            : "the base replica is always there";
        if (problem is not null)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"Replica {replica} cannot be recorded: {problem}.");
        }
    }

    private ImmutableArray<ReplicaId> Kept() =>
        [.. Known.Values.Where(known => known.IsKept).Select(known => known.Id)];

    private ReplicaRecord Register(ReplicaId replica, ReplicaBuild build, bool keep, List<Action> undo)
    {
        var isEager = build == ReplicaBuild.Eager;
        var key = replica.ToString();
        if (!Known.TryGetValue(key, out var old))
        {
            if (Known.Count >= ReplicaCatalog.MaxReplicas)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.NoSpace,
                    $"There are {Known.Count} replicas, and there can be no more; remove replicas that nobody needs.");
            }

            Known[key] = new ReplicaRecord(
                replica, build, keep || isEager, isEager ? ReplicaState.Building : ReplicaState.Lazy,
                time.GetUtcNow());
            undo.Add(() => Known.Remove(key));
            return Known[key];
        }

        var isBuilt = !isEager || old.State is ReplicaState.Ready or ReplicaState.Building;
        var now = old with
        {
            Build = isEager ? ReplicaBuild.Eager : old.Build,
            IsKept = old.IsKept || keep || isEager,
            State = isBuilt ? old.State : ReplicaState.Building,
            Problem = isBuilt ? old.Problem : null,
        };
        Replace(old, now, undo);
        return now;
    }

    private void Replace(ReplicaRecord old, ReplicaRecord now, List<Action> undo)
    {
        if (old != now)
        {
            var key = old.Id.ToString();
            Known[key] = now;
            undo.Add(() => Known[key] = old);
        }
    }

    private async Task<ImmutableArray<ReplicaRecord>> RemoveAsync(
        Func<ReplicaRecord, bool> isMeant, CancellationToken cancellationToken)
    {
        var removed = await _write.RunAsync<ImmutableArray<ReplicaRecord>>(undo =>
        {
            ImmutableArray<ReplicaRecord> meant = [.. Known.Values.Where(isMeant)];
            foreach (var record in meant)
            {
                Known.Remove(record.Id.ToString());
                undo.Add(() => Known.Add(record.Id.ToString(), record));
            }

            return meant;
        });
        Watch();
        if (removed.Any(record => record.IsKept))
        {
            await TellSilosAsync(sweep: true, cancellationToken);
        }

        return removed;
    }

    private async Task ForgetIfGoneAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        try
        {
            _ = await manifests.GetCurrentAsync(snapshot, cancellationToken);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            foreach (var record in await RemoveAsync(known => known.Id.Snapshot == snapshot, cancellationToken))
            {
                LogOrphan(record.Id);
            }
        }
        catch (SnapshotGrainsException error) when (error.IsTransient)
        {
            // The image center does not answer: nothing is known, and nothing forgotten.
        }
    }

    private async Task TellSilosAsync(bool sweep, CancellationToken cancellationToken)
    {
        await _telling.WaitAsync(cancellationToken);
        try
        {
            var missed = await nodes.KeepOnlyAsync(Kept(), sweep, cancellationToken);
            if (missed > 0)
            {
                LogMissed(missed);
            }
        }
        finally
        {
            _telling.Release();
        }
    }

    private async Task<int> ResumeBuildsAsync(CancellationToken cancellationToken)
    {
        var building = Known.Values.Where(known => known.State == ReplicaState.Building).ToArray();
        var running = await Task.WhenAll(building.Select(record => ResumeAsync(record.Id, cancellationToken)));
        return running.Count(isRunning => isRunning);
    }

    private async Task<bool> ResumeAsync(ReplicaId replica, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<IReplicaGrain>(replica.ToString()).ResumeAsync(cancellationToken);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            // Its silo is dying; it is asked again at the next watch.
            return true;
        }
    }

    private void Watch()
    {
        if (Known.Values.All(known => known.State != ReplicaState.Building))
        {
            _watch?.Dispose();
            _watch = null;
            return;
        }

        _watch ??= this.RegisterGrainTimer(
            ResumeBuildsAsync,
            new GrainTimerCreationOptions(WatchPeriod, WatchPeriod) { Interleave = true, KeepAlive = true });
    }
}
