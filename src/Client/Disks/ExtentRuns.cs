namespace SnapshotGrains.Client;

/// <summary>Collects extents in order, and makes one of neighbours that are alike.</summary>
/// <param name="maxExtents">Most extents wanted.</param>
internal sealed class ExtentRuns(int maxExtents)
{
    private readonly List<DiskExtent> _extents = [];

    public IReadOnlyList<DiskExtent> Extents => _extents;

    /// <summary>Adds the next bytes; false when that would take an extent too many.</summary>
    public bool TryAdd(long offset, long length, bool isZero)
    {
        if (_extents.Count > 0 && _extents[^1].IsZero == isZero)
        {
            _extents[^1] = _extents[^1] with { Length = offset + length - _extents[^1].Offset };
            return true;
        }

        if (_extents.Count == maxExtents)
        {
            return false;
        }

        _extents.Add(new DiskExtent(offset, length, isZero));
        return true;
    }
}
