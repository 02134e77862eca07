using System.Collections.Concurrent;

namespace SnapshotGrains.Exports;

/// <summary>The exports that connections hold open now, and what closed ones have served.</summary>
public sealed class OpenExports
{
    private readonly ConcurrentDictionary<DiskExport, byte> _open = new();
    private long _bytesServedByClosed;

    /// <summary>Bytes lent to guests since the start.</summary>
    public long BytesServed => Interlocked.Read(ref _bytesServedByClosed) + _open.Keys.Sum(e => e.BytesServed);

    internal void Add(DiskExport export) => _open.TryAdd(export, 0);

    internal void Remove(DiskExport export)
    {
        if (_open.TryRemove(export, out _))
        {
            Interlocked.Add(ref _bytesServedByClosed, export.BytesServed);
        }
    }

    /// <summary>How many connections have the disk or snapshot of that name open.</summary>
    public int CountOf(string name) => _open.Keys.Count(export => export.Disk == name);
}
