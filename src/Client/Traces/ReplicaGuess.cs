using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Looks at a snapshot of which no trace is known, through its own reader.</summary>
internal static class ReplicaGuess
{
    /// <summary>Guesses what a guest will touch; null when there is nothing to go by, or it is encrypted.</summary>
    /// <exception cref="SnapshotGrainsException">The snapshot cannot be read.</exception>
    public static async ValueTask<TracePlan?> MakeAsync(ReplicaReader reader, CancellationToken cancellationToken)
    {
        if (reader.Key is not null)
        {
            return null;
        }

        var segments = await ImageGuess.SegmentsAsync(
            (offset, destination, token) => ReadAsync(reader, offset, destination, token),
            reader.Base.SizeBytes, reader.Base.SegmentSizeBytes, cancellationToken).ConfigureAwait(false);
        return segments.Count == 0 ? null : TracePlan.Of(segments, reader.Base);
    }

    private static async ValueTask ReadAsync(
        ReplicaReader reader, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var runs = reader.Layout?.RunsOf(offset, destination.Length) ?? [(offset, destination.Length)];
        var done = 0;
        foreach (var (physical, length) in runs)
        {
            for (long at = 0; at < length;)
            {
                var slice = await reader.LeaseAsync(
                    physical + at, (int)(length - at), FetchPriority.Trace, cancellationToken).ConfigureAwait(false);
                slice.CopyTo(destination.Span[done..]);
                slice.Release();
                (at, done) = (at + slice.Length, done + slice.Length);
            }
        }
    }
}
