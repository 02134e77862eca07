using System.Collections.Concurrent;

namespace SnapshotGrains.Client;

/// <summary>The snapshots that this process reads: one reader each, shared by all disks cloned from it.</summary>
/// <param name="data">Where segments come from.</param>
/// <param name="readTimeout">Deadline of a cold read.</param>
/// <param name="time">The clock.</param>
public sealed class SnapshotReaders(IDataPlane data, TimeSpan readTimeout, TimeProvider time)
{
    private readonly ConcurrentDictionary<SnapshotId, SnapshotReader> _readers = new();

    /// <summary>The reader of a snapshot.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    public async ValueTask<SnapshotReader> OpenAsync(SnapshotId id, CancellationToken cancellationToken)
    {
        // The name may have been deleted and imported anew since it was opened last: then its readers part ways.
        var map = await data.GetSegmentMapAsync(id, cancellationToken).ConfigureAwait(false);
        return _readers.AddOrUpdate(
            id,
            _ => new SnapshotReader(id, map, data, readTimeout, time),
            (_, known) => known.Map.ContentEquals(map) ? known : new SnapshotReader(id, map, data, readTimeout, time));
    }
}
