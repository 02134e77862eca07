using System.Collections.Concurrent;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The segment caches of the silos in this process, by silo name. A reader in the same process takes bytes from
/// them by reference: no copy, no grain call.
/// </summary>
public sealed class SegmentExchange
{
    private readonly ConcurrentDictionary<string, SegmentCache> _caches = new(StringComparer.Ordinal);

    /// <summary>A silo opens its cache to the readers of this process.</summary>
    public void Join(string silo, SegmentCache cache) => _caches[silo] = cache;

    /// <summary>A silo closes its cache, if it is still the one that <paramref name="silo"/> names.</summary>
    public void Leave(string silo, SegmentCache cache) => _caches.TryRemove(new(silo, cache));

    /// <summary>The cache of the silo of that name, or null when it is not in this process.</summary>
    public SegmentCache? Find(string silo) => _caches.GetValueOrDefault(silo);
}
