namespace SnapshotGrains.Disks;

/// <summary>
/// The disks that were deleted last: a lease that was given before must not bring one's files back. Ids are never used
/// again, and a lease is used within seconds, so the last thousands are enough. Thread-safe.
/// </summary>
internal sealed class DeletedDisks
{
    private const int MaxRemembered = 65_536;

    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _ids = [];
    private readonly Queue<Guid> _order = new();

    public void Add(Guid diskId)
    {
        lock (_gate)
        {
            if (!_ids.Add(diskId))
            {
                return;
            }

            _order.Enqueue(diskId);
            if (_order.Count > MaxRemembered)
            {
                _ids.Remove(_order.Dequeue());
            }
        }
    }

    public bool Contains(Guid diskId)
    {
        lock (_gate)
        {
            return _ids.Contains(diskId);
        }
    }
}
