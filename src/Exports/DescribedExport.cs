using SnapshotGrains.Nbd;

namespace SnapshotGrains.Exports;

/// <summary>An export that is only looked at: nothing is attached for it.</summary>
internal sealed class DescribedExport(NbdExportInfo info) : INbdExport
{
    public NbdExportInfo Info => info;

    public ValueTask ReadAsync(NbdRead read, CancellationToken ct) =>
        throw new NbdException(NbdError.InvalidArgument, $"'{info.Name}' was described, not attached.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
