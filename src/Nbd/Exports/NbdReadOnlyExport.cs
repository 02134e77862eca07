namespace SnapshotGrains.Nbd;

/// <summary>Base of exports that are only read: a size, a name and <see cref="ReadAsync"/> are enough.</summary>
public abstract class NbdReadOnlyExport : INbdExport
{
    /// <summary>Creates the export.</summary>
    /// <param name="info">Must say that it is read-only.</param>
    protected NbdReadOnlyExport(NbdExportInfo info)
    {
        if (!info.IsReadOnly)
        {
            throw new ArgumentException($"Export '{info.Name}' must have IsReadOnly set.", nameof(info));
        }

        Info = info;
    }

    /// <inheritdoc/>
    public NbdExportInfo Info { get; }

    /// <inheritdoc/>
    public abstract ValueTask ReadAsync(NbdRead read, CancellationToken ct);

    /// <inheritdoc/>
    public virtual ValueTask BlockStatusAsync(long offset, long length, NbdExtents into, CancellationToken ct)
    {
        into.Add(length, NbdExtentFlags.Data);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public virtual ValueTask CacheAsync(long offset, long length, CancellationToken ct) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
