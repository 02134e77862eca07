using System.Collections.Concurrent;

namespace SnapshotGrains.Client;

/// <summary>
/// The gates of the disks that this process encrypts for itself: all its attachments of a disk share one. Those of
/// disks that nobody has attached any more go with the garbage.
/// </summary>
internal sealed class SectorGates
{
    private readonly ConcurrentDictionary<Guid, WeakReference<SectorGate>> _gates = new();

    /// <summary>The gate of a disk; keep it while the disk is attached.</summary>
    public SectorGate Of(Guid diskId)
    {
        foreach (var (id, gate) in _gates.Where(entry => !entry.Value.TryGetTarget(out _)))
        {
            _gates.TryRemove(new(id, gate));
        }

        while (true)
        {
            var known = _gates.GetOrAdd(diskId, _ => new WeakReference<SectorGate>(new SectorGate()));
            if (known.TryGetTarget(out var gate))
            {
                return gate;
            }

            _gates.TryRemove(new(diskId, known));
        }
    }
}
