using System.Collections.Concurrent;

namespace SnapshotGrains.Nbd;

/// <summary>A fixed set of exports by name: all that a program needs that serves a few disks.</summary>
public sealed class NbdExportTable : INbdExportProvider
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds or replaces an export; it shows in NBD_OPT_LIST.</summary>
    /// <param name="name">Its name; the empty string is the default export.</param>
    /// <param name="open">Called for each connection that enters the export.</param>
    /// <param name="description">A sentence for people.</param>
    public NbdExportTable Add(string name, Func<INbdExport> open, string description = "")
    {
        _entries[name] = new Entry(open, description);
        return this;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct)
    {
        var all = _entries.Select(e => new NbdExportSummary(e.Key, e.Value.Description));
        return new(all.OrderBy(e => e.Name, StringComparer.Ordinal).ToArray());
    }

    /// <inheritdoc/>
    public ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct) =>
        new(_entries.TryGetValue(name, out var entry) ? entry.Open() : null);

    private sealed record Entry(Func<INbdExport> Open, string Description);
}
