using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Where content is stored already, by digest. A hint: whoever uses an entry compares the stored bytes first. Bounded;
/// what does not fit is stored twice. Thread-safe.
/// </summary>
internal sealed class DedupIndex(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, PackLocation> _locations = [];

    public bool TryFind(in Digest digest, out PackLocation location)
    {
        lock (_gate)
        {
            return _locations.TryGetValue(digest, out location);
        }
    }

    /// <summary>Remembers a location; the latest one wins.</summary>
    public void Set(in Digest digest, in PackLocation location)
    {
        lock (_gate)
        {
            if (_locations.Count < capacity || _locations.ContainsKey(digest))
            {
                _locations[digest] = location;
            }
        }
    }

    public void Add(Manifest manifest)
    {
        var map = manifest.Map;
        for (var n = map.NextData(0); n < map.SegmentCount; n = map.NextData(n + 1))
        {
            Set(map.DigestOf(n), manifest.LocationOf(n));
        }
    }
}
