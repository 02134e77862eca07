using SnapshotGrains.Client;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Agent;

/// <summary>
/// Exports only what the agent has attached. A client that names no export gets the first, as it would from a server of
/// one disk.
/// </summary>
/// <param name="all">Exports whatever there is.</param>
/// <param name="names">What may be had.</param>
/// <param name="isReadOnly">Whether it is for reading only.</param>
internal sealed class NamedExports(INbdExportProvider all, IReadOnlyList<string> names, bool isReadOnly)
    : INbdExportProvider
{
    public async ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct) =>
        [.. (await all.ListAsync(ct).ConfigureAwait(false)).Where(export => names.Contains(export.Name))];

    public ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct) =>
        NameOf(name) is { } known ? all.OpenAsync(known, ct) : default;

    public ValueTask<INbdExport?> DescribeAsync(string name, CancellationToken ct) =>
        NameOf(name) is { } known ? all.DescribeAsync(known, ct) : default;

    private string? NameOf(string name)
    {
        name = name.Length == 0 ? names[0] : name;
        if (names.Contains(name) && name.Contains('@', StringComparison.Ordinal))
        {
            return name;
        }

        return DiskExportName.TryParse(name, out var wish) && names.Contains(wish.Disk)
            ? (isReadOnly ? wish with { Access = DiskAccess.ReadOnly } : wish).ToString() : null;
    }
}
