using System.Collections.Concurrent;

namespace SnapshotGrains.Client;

/// <summary>The replicas that this process reads: one reader each, shared by all disks cloned from it.</summary>
/// <param name="data">Where segments come from.</param>
/// <param name="readTimeout">Deadline of a cold read.</param>
/// <param name="time">The clock.</param>
/// <param name="readAheadBytes">Most bytes to load ahead of each sequential read; 0: none.</param>
/// <param name="decryption">Makes the segments of disks without a key whose snapshot has one; null where the silos do
/// that, all in this process.</param>
public sealed class ReplicaReaders(
    IDataPlane data, TimeSpan readTimeout, TimeProvider time, long readAheadBytes = ReplicaReaders.ReadAheadBytes,
    ReaderDecryption? decryption = null)
{
    /// <summary>Enough to keep an image center busy that is far away, and little beside a cache.</summary>
    public const long ReadAheadBytes = 32L << 20;

    // Weak: the map of a large replica takes tens of MiB, which are wanted while a disk reads it.
    private readonly ConcurrentDictionary<ReplicaId, WeakReference<ReplicaReader>> _readers = new();

    private readonly Lock _creation = new();

    /// <summary>The reader of a replica.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    public async ValueTask<ReplicaReader> OpenAsync(ReplicaId id, CancellationToken cancellationToken)
    {
        // The name may have been deleted and imported anew since it was opened last: then its readers part ways.
        var snapshot = await data.GetSegmentMapAsync(id.Snapshot, cancellationToken).ConfigureAwait(false);
        return Find(id, snapshot) ?? Create(id, snapshot);
    }

    private ReplicaReader? Find(ReplicaId id, SnapshotMap snapshot) =>
        _readers.TryGetValue(id, out var known) && known.TryGetTarget(out var reader) && reader.IsOf(snapshot)
            ? reader : null;

    /// <summary>One after the other: of a hundred disks that are opened at once, one has the map computed.</summary>
    private ReplicaReader Create(ReplicaId id, SnapshotMap snapshot)
    {
        lock (_creation)
        {
            if (Find(id, snapshot) is { } created)
            {
                return created;
            }

            foreach (var (dead, _) in _readers.Where(entry => !entry.Value.TryGetTarget(out var _)))
            {
                _readers.TryRemove(dead, out _);
            }

            var reader = new ReplicaReader(id, snapshot, data, decryption, readTimeout, readAheadBytes, time);
            _readers[id] = new WeakReference<ReplicaReader>(reader);
            return reader;
        }
    }
}
