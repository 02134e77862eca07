namespace SnapshotGrains.Silo.Events;

/// <summary>
/// A clone that is under way, for its new disks to be told of when it ends. One that begins to load before that, and
/// says so, is further than the clone knows: then the clone says nothing of it.
/// </summary>
/// <param name="hub">Where it is told.</param>
/// <param name="names">The disks' names.</param>
internal sealed class CloneNews(EventHub hub, IEnumerable<string> names) : IDisposable
{
    private readonly HashSet<string> _names = new(names, StringComparer.Ordinal);
    private readonly HashSet<Guid> _heardOf = [];

    /// <summary>A disk is heard of; the hub calls it for one after the other.</summary>
    public void Note(DiskInfo disk) => _ = _names.Contains(disk.Name) && _heardOf.Add(disk.Id);

    /// <summary>Whether a disk was heard of since the clone began.</summary>
    public bool HasHeardOf(DiskInfo disk) => _heardOf.Contains(disk.Id);

    /// <summary>Tells of the disks as they were cloned.</summary>
    public void Publish(IReadOnlyList<DiskInfo> disks) => hub.Publish(this, disks);

    /// <summary>Ends it.</summary>
    public void Dispose() => hub.Remove(this);
}
