namespace SnapshotGrains.Nbd.Tests;

/// <summary>Counts what reaches the back end.</summary>
internal sealed class CountingProvider(INbdExportProvider inner) : INbdExportProvider
{
    private int _lists;
    private int _opens;
    private int _disposals;
    private int _calls;

    public int Lists => Volatile.Read(ref _lists);

    public int Opens => Volatile.Read(ref _opens);

    public int Disposals => Volatile.Read(ref _disposals);

    /// <summary>Calls of opened exports other than dispose.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct)
    {
        Interlocked.Increment(ref _lists);
        return inner.ListAsync(ct);
    }

    public async ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct)
    {
        Interlocked.Increment(ref _opens);
        var export = await inner.OpenAsync(name, ct);
        return export is null ? null : new CountingExport(this, export);
    }

    private sealed class CountingExport(CountingProvider owner, INbdExport inner) : INbdExport
    {
        public NbdExportInfo Info => inner.Info;

        public ValueTask ReadAsync(NbdRead read, CancellationToken ct) => Counted().ReadAsync(read, ct);

        public ValueTask BlockStatusAsync(long offset, long length, NbdExtents into, CancellationToken ct) =>
            Counted().BlockStatusAsync(offset, length, into, ct);

        public ValueTask CacheAsync(long offset, long length, CancellationToken ct) =>
            Counted().CacheAsync(offset, length, ct);

        public ValueTask FlushAsync(CancellationToken ct) => Counted().FlushAsync(ct);

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken ct) =>
            Counted().WriteAsync(offset, data, fua, ct);

        public ValueTask TrimAsync(long offset, long length, bool fua, CancellationToken ct) =>
            Counted().TrimAsync(offset, length, fua, ct);

        public ValueTask WriteZeroesAsync(long offset, long length, NbdZeroFlags flags, CancellationToken ct) =>
            Counted().WriteZeroesAsync(offset, length, flags, ct);

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref owner._disposals);
            return inner.DisposeAsync();
        }

        private INbdExport Counted()
        {
            Interlocked.Increment(ref owner._calls);
            return inner;
        }
    }
}
