using SnapshotGrains.Nbd;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>A disk whose home is another process, over one NBD connection.</summary>
internal sealed class NbdDisk(string name, bool isReadOnly, NbdClient connection) : VirtualDisk(name, isReadOnly)
{
    /// <summary>Longest transfer in one request, and longest range in one that carries no bytes.</summary>
    private const int MaxTransferBytes = 4 << 20;
    private const long MaxRangeBytes = 1L << 30;

    public override long SizeBytes => connection.Info.SizeBytes;

    /// <summary>The server knows the segments; here it is what one request carries.</summary>
    public override int SegmentSizeBytes => MaxTransferBytes;

    /// <summary>Nothing is at hand: each byte is asked for.</summary>
    public override bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        slice = default;
        return false;
    }

    public override async ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken)
    {
        var length = (int)Math.Min(Math.Min(maxLength, MaxTransferBytes), SizeBytes - offset);
        var bytes = NativeBufferPool.Shared.Rent(length);
        try
        {
            await TryAsync(connection.ReadAsync(offset, bytes.Memory, cancellationToken), "read", offset)
                .ConfigureAwait(false);
            return new DiskSlice(bytes.Address, length, bytes);
        }
        catch
        {
            ((IDisposable)bytes).Dispose();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var wanted = (int)Math.Clamp(SizeBytes - offset, 0, destination.Length);
        for (var done = 0; done < wanted;)
        {
            var piece = destination.Slice(done, Math.Min(MaxTransferBytes, wanted - done));
            await TryAsync(connection.ReadAsync(offset + done, piece, cancellationToken), "read", offset + done)
                .ConfigureAwait(false);
            done += piece.Length;
        }

        return wanted;
    }

    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        CheckWrite(offset, data.Length);
        for (var done = 0; done < data.Length;)
        {
            var piece = data.Slice(done, Math.Min(MaxTransferBytes, data.Length - done));
            var write = connection.WriteAsync(offset + done, piece, isDurable, cancellationToken);
            await TryAsync(write, "write", offset + done).ConfigureAwait(false);
            done += piece.Length;
        }
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken) =>
        new(TryAsync(connection.FlushAsync(cancellationToken), "flush", 0));

    public override async ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken)
    {
        CheckWrite(offset, length);
        foreach (var (start, bytes) in Pieces(offset, length))
        {
            await TryAsync(connection.TrimAsync(start, bytes, ct: cancellationToken), "trim", start)
                .ConfigureAwait(false);
        }
    }

    public override async ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable, CancellationToken cancellationToken)
    {
        CheckWrite(offset, length);
        var flags = isDurable ? NbdZeroFlags.Fua : NbdZeroFlags.None;
        foreach (var (start, bytes) in Pieces(offset, length))
        {
            await TryAsync(connection.WriteZeroesAsync(start, bytes, flags, cancellationToken), "zero", start)
                .ConfigureAwait(false);
        }
    }

    public override async ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken)
    {
        CheckRange(offset, length);
        var extents = new List<DiskExtent>();
        for (var end = offset + length; offset < end && extents.Count < maxExtents;)
        {
            var ask = connection.BlockStatusAsync(
                offset, (uint)Math.Min(MaxRangeBytes, end - offset), cancellationToken);
            foreach (var extent in await TryAsync(ask, "map", offset).ConfigureAwait(false))
            {
                var bytes = Math.Min(extent.Length, end - offset);
                if (bytes > 0 && extents.Count < maxExtents)
                {
                    extents.Add(new DiskExtent(offset, bytes, extent.Flags.HasFlag(NbdExtentFlags.Zero)));
                    offset += bytes;
                }
            }
        }

        return extents;
    }

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private static IEnumerable<(long Offset, uint Length)> Pieces(long offset, long length)
    {
        for (var end = offset + length; offset < end; offset += MaxRangeBytes)
        {
            yield return (offset, (uint)Math.Min(MaxRangeBytes, end - offset));
        }
    }

    private void CheckWrite(long offset, long length)
    {
        if (IsReadOnly)
        {
            throw ReadOnlyError();
        }

        CheckRange(offset, length);
    }

    private async Task TryAsync(Task request, string act, long offset)
    {
        try
        {
            await request.ConfigureAwait(false);
        }
        catch (NbdException error)
        {
            throw Translate(error, act, offset);
        }
    }

    private async Task<T> TryAsync<T>(Task<T> request, string act, long offset)
    {
        await TryAsync((Task)request, act, offset).ConfigureAwait(false);
        return await request.ConfigureAwait(false);
    }

    private SnapshotGrainsException Translate(NbdException error, string act, long offset) => new(
        error.Error switch
        {
            NbdError.NoSpace => ErrorCode.NoSpace,
            NbdError.InvalidArgument => ErrorCode.BadRequest,
            NbdError.Shutdown => ErrorCode.Fenced,
            _ => ErrorCode.DiskFailed,
        },
        $"To {act} '{Name}' at byte {offset} failed: {error.Message}",
        error);
}
