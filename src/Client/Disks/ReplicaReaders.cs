using System.Collections.Concurrent;

namespace SnapshotGrains.Client;

/// <summary>The replicas that this process reads: one reader each, shared by all disks cloned from it.</summary>
/// <param name="data">Where segments come from.</param>
/// <param name="readTimeout">Deadline of a cold read.</param>
/// <param name="time">The clock.</param>
public sealed class ReplicaReaders(IDataPlane data, TimeSpan readTimeout, TimeProvider time)
{
    private readonly ConcurrentDictionary<ReplicaId, ReplicaReader> _readers = new();

    /// <summary>The reader of a replica.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    public async ValueTask<ReplicaReader> OpenAsync(ReplicaId id, CancellationToken cancellationToken)
    {
        // The name may have been deleted and imported anew since it was opened last: then its readers part ways.
        var snapshot = await data.GetSegmentMapAsync(id.Snapshot, cancellationToken).ConfigureAwait(false);
        return _readers.AddOrUpdate(
            id,
            _ => Create(id, snapshot),
            (_, known) => known.IsOf(snapshot) ? known : Create(id, snapshot));
    }

    private ReplicaReader Create(ReplicaId id, SnapshotMap snapshot) => new(id, snapshot, data, readTimeout, time);
}
