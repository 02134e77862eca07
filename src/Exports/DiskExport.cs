using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Exports;

/// <summary>
/// A disk or snapshot as one NBD connection sees it. Bytes at hand are lent to the reply straight from where they are;
/// the rest is waited for without holding up the connection.
/// </summary>
internal sealed class DiskExport : INbdExport
{
    /// <summary>Segments that one CACHE request loads at the same time.</summary>
    private const int CacheParallelism = 8;

    /// <summary>Zeros that are written at a time.</summary>
    private const int PieceBytes = 1 << 20;

    private static readonly ReadOnlyMemory<byte> ZeroPiece = new byte[PieceBytes];

    private readonly VirtualDisk _disk;
    private readonly OpenExports _open;
    private long _bytesServed;

    public DiskExport(VirtualDisk disk, string description, OpenExports open, DiskForm form = DiskForm.Guest)
    {
        _disk = disk;
        _open = open;
        Info = Describe(disk.Name, description, disk.SizeBytes, disk.IsReadOnly, form);
        _open.Add(this);
    }

    public NbdExportInfo Info { get; }

    public CancellationToken Withdrawn => _disk.Gone;

    public string Disk => _disk.Name;

    /// <summary>Bytes lent to replies so far.</summary>
    public long BytesServed => Interlocked.Read(ref _bytesServed);

    /// <summary>What an export of a disk can do.</summary>
    public static NbdExportInfo Describe(
        string name, string description, long sizeBytes, bool isReadOnly, DiskForm form = DiskForm.Guest) => new()
    {
        Name = name,
        Description = description,
        SizeBytes = sizeBytes,
        IsReadOnly = isReadOnly,

        // Nobody keeps apart what several writers of ciphertext do to parts of one sector.
        CanMultiConn = form == DiskForm.Guest || isReadOnly,
        CanFlush = true,
        CanFua = !isReadOnly,
        CanTrim = !isReadOnly,
        CanWriteZeroes = !isReadOnly,
        CanFastZero = !isReadOnly,
        CanCache = true,
    };

    public ValueTask ReadAsync(NbdRead read, CancellationToken ct)
    {
        Interlocked.Add(ref _bytesServed, read.Length);
        try
        {
            while (read.Remaining > 0)
            {
                if (!_disk.TryLease(read.Offset + read.Covered, read.Remaining, out var slice))
                {
                    return ReadColdAsync(read, ct);
                }

                Append(read, slice);
            }
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken ct) =>
        TryAsync((_disk, offset, data, fua, ct), static write =>
            write._disk.WriteAsync(write.offset, write.data, write.fua, write.ct));

    public ValueTask FlushAsync(CancellationToken ct) =>
        TryAsync((_disk, ct), static flush => flush._disk.FlushAsync(flush.ct));

    public ValueTask TrimAsync(long offset, long length, bool fua, CancellationToken ct) =>
        TryAsync((_disk, offset, length, fua, ct), static async trim =>
        {
            await trim._disk.TrimAsync(trim.offset, trim.length, trim.ct).ConfigureAwait(false);
            if (trim.fua)
            {
                await trim._disk.FlushAsync(trim.ct).ConfigureAwait(false);
            }
        });

    public ValueTask WriteZeroesAsync(long offset, long length, NbdZeroFlags flags, CancellationToken ct)
    {
        var isDurable = flags.HasFlag(NbdZeroFlags.Fua);
        if (!flags.HasFlag(NbdZeroFlags.NoHole))
        {
            return TryAsync((_disk, offset, length, isDurable, ct), static zero =>
                zero._disk.WriteZeroesAsync(zero.offset, zero.length, zero.isDurable, zero.ct));
        }

        return flags.HasFlag(NbdZeroFlags.FastZero)
            ? throw new NbdException(NbdError.NotSupported, "Zeros that take space are as slow as a write.")
            : TryAsync((_disk, offset, length, isDurable, ct), static zero =>
                WriteZeroBytesAsync(zero._disk, zero.offset, zero.length, zero.isDurable, zero.ct));
    }

    public async ValueTask BlockStatusAsync(long offset, long length, NbdExtents into, CancellationToken ct)
    {
        try
        {
            foreach (var extent in await _disk.GetExtentsAsync(offset, length, cancellationToken: ct)
                .ConfigureAwait(false))
            {
                var flags = extent.IsZero ? NbdExtentFlags.Hole | NbdExtentFlags.Zero
                    : extent.IsInherited ? NbdExtentFlags.Hole : NbdExtentFlags.Data;
                if (!into.Add(extent.Length, flags))
                {
                    break;
                }
            }
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }
    }

    public async ValueTask CacheAsync(long offset, long length, CancellationToken ct)
    {
        var segment = _disk.SegmentSizeBytes;
        var (first, end) = (offset / segment, offset + length);
        try
        {
            await Parallel.ForAsync(
                first, ((end - 1) / segment) + 1,
                new ParallelOptions { MaxDegreeOfParallelism = CacheParallelism, CancellationToken = ct },
                (n, token) => LoadAsync(Math.Max(offset, n * segment), Math.Min(end, (n + 1) * segment), end, token))
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
        return _disk.DisposeAsync();
    }

    private static void Append(NbdRead read, in DiskSlice slice)
    {
        if (slice.IsZero)
        {
            read.AddHole(slice.Length);
        }
        else
        {
            read.Add(slice.Address, slice.Length, slice.Owner);
        }
    }

    /// <summary>Run by run: of a segment, the disk may have some bytes itself and lack others.</summary>
    private async ValueTask LoadAsync(long offset, long end, long endOfRange, CancellationToken ct)
    {
        // A byte of the next segment says that it is wanted too, by this command: what follows the range is not.
        var wanted = Math.Min(end + 1, endOfRange);
        while (offset < end)
        {
            var slice = await _disk.LeaseAsync(offset, (int)(wanted - offset), ct).ConfigureAwait(false);
            offset += slice.Length;
            slice.Release();
        }
    }

    private static async ValueTask WriteZeroBytesAsync(
        VirtualDisk disk, long offset, long length, bool isDurable, CancellationToken ct)
    {
        for (var end = offset + length; offset < end; offset += PieceBytes)
        {
            var piece = ZeroPiece[..(int)Math.Min(PieceBytes, end - offset)];
            await disk.WriteAsync(offset, piece, isDurable: false, ct).ConfigureAwait(false);
        }

        if (isDurable)
        {
            await disk.FlushAsync(ct).ConfigureAwait(false);
        }
    }

    private static ValueTask TryAsync<T>(T request, Func<T, ValueTask> run)
    {
        try
        {
            var task = run(request);
            return task.IsCompletedSuccessfully ? default : FinishAsync(task);
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }
    }

    private static async ValueTask FinishAsync(ValueTask task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }
    }

    /// <summary>
    /// What is one run is lent as on the hot path. Several are waited for together and copied as they come: a request
    /// that held some of the cache while it waited for the rest could starve itself and others for ever.
    /// </summary>
    private async ValueTask ReadColdAsync(NbdRead read, CancellationToken ct)
    {
        try
        {
            read.Restart();
            var slice = await _disk.LeaseAsync(read.Offset, read.Length, ct).ConfigureAwait(false);
            if (slice.Length == read.Length)
            {
                Append(read, slice);
                return;
            }

            var copy = NativeBufferPool.Shared.Rent(read.Length);
            try
            {
                slice.CopyTo(copy.GetSpan());
                slice.Release();
                await _disk.ReadManyAsync(read.Offset + slice.Length, copy.Memory[slice.Length..], ct)
                    .ConfigureAwait(false);
            }
            catch
            {
                ((IDisposable)copy).Dispose();
                throw;
            }

            read.Add(copy.Address, read.Length, copy);
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }
    }
}
