namespace SnapshotGrains.Silo.Events;

/// <summary>
/// Tells a record that is older than what was heard of its disk: a disk has no home before its first use, and one for
/// good from then on. The process that cloned it and the one that is its home tell of it independently. Not
/// thread-safe.
/// </summary>
internal sealed class HomedDisks
{
    /// <summary>Disks that are remembered; between processes nothing is late by more than that.</summary>
    private const int Capacity = 4096;

    private readonly HashSet<Guid> _homed = [];
    private readonly Queue<Guid> _oldest = [];

    /// <summary>Notes a record; true when it is older than another one of its disk.</summary>
    public bool IsOlder(DiskInfo disk)
    {
        if (disk.Home is null)
        {
            return disk.State == DiskState.Created && _homed.Contains(disk.Id);
        }

        if (_homed.Add(disk.Id))
        {
            _oldest.Enqueue(disk.Id);
        }

        if (_oldest.Count > Capacity)
        {
            _homed.Remove(_oldest.Dequeue());
        }

        return false;
    }
}
