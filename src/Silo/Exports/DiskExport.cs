using System.Buffers;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Exports;

/// <summary>
/// A disk or snapshot as one NBD connection sees it. Bytes at hand are lent to the reply straight from segment
/// memory; the rest is waited for without holding up the connection.
/// </summary>
internal sealed class DiskExport : INbdExport
{
    /// <summary>Segments that one CACHE request loads at the same time.</summary>
    private const int CacheParallelism = 8;

    private readonly VirtualDisk _disk;
    private readonly OpenExports _open;
    private long _bytesServed;

    public DiskExport(VirtualDisk disk, string description, OpenExports open)
    {
        _disk = disk;
        _open = open;
        Info = new NbdExportInfo
        {
            Name = disk.Name,
            Description = description,
            SizeBytes = disk.SizeBytes,
            IsReadOnly = true,
            CanMultiConn = true,
            CanFlush = true,
            CanCache = true,
        };
        _open.Add(this);
    }

    public NbdExportInfo Info { get; }

    public string Disk => _disk.Name;

    /// <summary>Bytes lent to replies so far.</summary>
    public long BytesServed => Interlocked.Read(ref _bytesServed);

    public ValueTask ReadAsync(NbdRead read, CancellationToken ct)
    {
        Interlocked.Add(ref _bytesServed, read.Length);
        while (read.Remaining > 0)
        {
            if (!_disk.TryLease(read.Offset + read.Covered, read.Remaining, out var slice))
            {
                return ReadColdAsync(read, ct);
            }

            Append(read, slice);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask BlockStatusAsync(long offset, long length, NbdExtents into, CancellationToken ct)
    {
        var map = _disk.Map;
        var end = offset + length;
        while (offset < end && !into.IsFull)
        {
            var number = offset / map.SegmentSizeBytes;
            var isZero = map.IsZero(number);
            var next = number + 1;
            while (next * map.SegmentSizeBytes < end && map.IsZero(next) == isZero)
            {
                next++;
            }

            var runEnd = Math.Min(end, next * map.SegmentSizeBytes);
            into.Add(runEnd - offset, isZero ? NbdExtentFlags.Hole | NbdExtentFlags.Zero : NbdExtentFlags.Data);
            offset = runEnd;
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask CacheAsync(long offset, long length, CancellationToken ct)
    {
        var segmentSize = _disk.Map.SegmentSizeBytes;
        var first = offset / segmentSize;
        var count = (offset + length - 1) / segmentSize - first + 1;
        try
        {
            await Parallel.ForAsync(
                first, first + count,
                new ParallelOptions { MaxDegreeOfParallelism = CacheParallelism, CancellationToken = ct },
                async (number, token) =>
                    (await _disk.LeaseAsync(number * segmentSize, 1, token).ConfigureAwait(false)).Release())
                .ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }
    }

    public ValueTask DisposeAsync()
    {
        _open.Remove(this);
        return ValueTask.CompletedTask;
    }

    private static void Append(NbdRead read, in SegmentSlice slice)
    {
        if (slice.Buffer is { } segment)
        {
            read.Add(segment.Address + slice.Offset, slice.Length, segment);
        }
        else
        {
            read.AddHole(slice.Length);
        }
    }

    /// <summary>
    /// One segment is lent as on the hot path. Several are waited for together and copied as they come: a request
    /// that held some of the cache while it waited for the rest could starve itself and others for ever.
    /// </summary>
    private async ValueTask ReadColdAsync(NbdRead read, CancellationToken ct)
    {
        try
        {
            var segmentSize = _disk.Map.SegmentSizeBytes;
            if (read.Offset / segmentSize == (read.Offset + read.Length - 1) / segmentSize)
            {
                Append(read, await _disk.LeaseAsync(read.Offset, read.Length, ct).ConfigureAwait(false));
                return;
            }

            read.Restart();
            var copy = MemoryPool<byte>.Shared.Rent(read.Length);
            try
            {
                await _disk.ReadManyAsync(read.Offset, copy.Memory[..read.Length], ct).ConfigureAwait(false);
            }
            catch
            {
                copy.Dispose();
                throw;
            }

            read.Add(copy.Memory[..read.Length], copy);
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }
    }
}
