using System.Collections.Concurrent;

namespace SnapshotGrains.Client;

/// <summary>The replicas that this process reads: one reader each, shared by all disks cloned from it.</summary>
/// <param name="data">Where segments come from.</param>
/// <param name="readTimeout">Deadline of a cold read.</param>
/// <param name="time">The clock.</param>
public sealed class ReplicaReaders(IDataPlane data, TimeSpan readTimeout, TimeProvider time)
{
    // Weak: the map of a large replica takes tens of MiB, which are wanted while a disk reads it.
    private readonly ConcurrentDictionary<ReplicaId, WeakReference<ReplicaReader>> _readers = new();

    /// <summary>The reader of a replica.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    public async ValueTask<ReplicaReader> OpenAsync(ReplicaId id, CancellationToken cancellationToken)
    {
        // The name may have been deleted and imported anew since it was opened last: then its readers part ways.
        var snapshot = await data.GetSegmentMapAsync(id.Snapshot, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var known = _readers.GetOrAdd(id, _ => Create(id, snapshot));
            if (known.TryGetTarget(out var reader) && reader.IsOf(snapshot))
            {
                return reader;
            }

            _readers.TryUpdate(id, Create(id, snapshot), known);
        }
    }

    private WeakReference<ReplicaReader> Create(ReplicaId id, SnapshotMap snapshot)
    {
        foreach (var (dead, reader) in _readers.Where(entry => !entry.Value.TryGetTarget(out _)))
        {
            _readers.TryRemove(new(dead, reader));
        }

        return new WeakReference<ReplicaReader>(new ReplicaReader(id, snapshot, data, readTimeout, time));
    }
}
