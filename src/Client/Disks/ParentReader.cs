using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// What lies under a disk's overlay: the replica of its parent snapshot, opened when it is first needed, and zeros past
/// its end. A disk that is ready never asks, so it can be used without image center.
/// </summary>
/// <param name="replica">The replica.</param>
/// <param name="readers">The replicas that this process reads.</param>
public sealed class ParentReader(ReplicaId replica, ReplicaReaders readers) : IParentReader
{
    private ReplicaReader? _reader;

    /// <summary>The open parent, or null before <see cref="OpenAsync"/>.</summary>
    public ReplicaReader? Reader => Volatile.Read(ref _reader);

    /// <summary>The parent, opened.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: no such snapshot.</exception>
    public async ValueTask<ReplicaReader> OpenAsync(CancellationToken cancellationToken)
    {
        if (Reader is { } open)
        {
            return open;
        }

        var reader = await readers.OpenAsync(replica, cancellationToken).ConfigureAwait(false);
        return Interlocked.CompareExchange(ref _reader, reader, null) ?? reader;
    }

    /// <summary>Lends bytes of the parent that are at hand; zeros past its end always are.</summary>
    public bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        if (Reader is { } reader)
        {
            var left = reader.Map.SizeBytes - offset;
            if (left <= 0)
            {
                slice = DiskSlice.Zeros(maxLength);
                return true;
            }

            if (reader.TryLease(offset, (int)Math.Min(left, maxLength), out var found))
            {
                slice = found.ToDiskSlice();
                return true;
            }
        }

        slice = default;
        return false;
    }

    /// <summary>Like <see cref="TryLease"/>, but waits for bytes that are not at hand.</summary>
    public async ValueTask<DiskSlice> LeaseAsync(long offset, int maxLength, CancellationToken cancellationToken)
    {
        var reader = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var left = reader.Map.SizeBytes - offset;
        return left <= 0
            ? DiskSlice.Zeros(maxLength)
            : (await reader.LeaseAsync(offset, (int)Math.Min(left, maxLength), cancellationToken)
                .ConfigureAwait(false)).ToDiskSlice();
    }

    /// <inheritdoc />
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var done = 0; done < destination.Length;)
        {
            var slice = await LeaseAsync(offset + done, destination.Length - done, cancellationToken)
                .ConfigureAwait(false);
            slice.CopyTo(destination.Span[done..]);
            slice.Release();
            done += slice.Length;
        }
    }
}
