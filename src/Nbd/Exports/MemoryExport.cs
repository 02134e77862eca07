namespace SnapshotGrains.Nbd;

/// <summary>Exports a <see cref="MemoryDisk"/>; for tests, benchmarks and scratch disks.</summary>
public sealed class MemoryExport : INbdExport
{
    private readonly MemoryDisk _disk;

    /// <summary>Creates the export of one connection.</summary>
    /// <param name="disk">Shared by all connections; not disposed with the export.</param>
    /// <param name="name">The export's name.</param>
    /// <param name="isReadOnly">Refuse writes.</param>
    public MemoryExport(MemoryDisk disk, string name, bool isReadOnly = false)
    {
        _disk = disk;
        Info = new NbdExportInfo
        {
            Name = name,
            Description = "A disk in memory.",
            SizeBytes = disk.SizeBytes,
            IsReadOnly = isReadOnly,
            CanFua = !isReadOnly,
            CanTrim = !isReadOnly,
            CanWriteZeroes = !isReadOnly,
            CanFastZero = !isReadOnly,
        };
    }

    /// <inheritdoc/>
    public NbdExportInfo Info { get; }

    /// <inheritdoc/>
    public ValueTask ReadAsync(NbdRead read, CancellationToken ct)
    {
        while (read.Remaining > 0)
        {
            var offset = read.Offset + read.Covered;
            var (length, isHole) = _disk.RunAt(offset, read.Remaining);
            if (isHole)
            {
                read.AddHole((int)length);
            }
            else
            {
                read.Add(_disk.PointerTo(offset), (int)length);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask BlockStatusAsync(long offset, long length, NbdExtents into, CancellationToken ct)
    {
        while (!into.IsFull)
        {
            var (run, isHole) = _disk.RunAt(offset + into.Covered, length - into.Covered);
            into.Add(run, isHole ? NbdExtentFlags.Hole | NbdExtentFlags.Zero : NbdExtentFlags.Data);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken ct)
    {
        _disk.Write(offset, data.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask TrimAsync(long offset, long length, bool fua, CancellationToken ct)
    {
        _disk.Zero(offset, length, keepAllocated: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteZeroesAsync(long offset, long length, NbdZeroFlags flags, CancellationToken ct)
    {
        _disk.Zero(offset, length, (flags & NbdZeroFlags.NoHole) != 0);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
