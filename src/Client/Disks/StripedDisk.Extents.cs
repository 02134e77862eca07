namespace SnapshotGrains.Client;

public sealed partial class StripedDisk
{
    /// <summary>Extents that are asked for at a time.</summary>
    private const int ExtentsAtOnce = 1024;

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents = 1024, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, length);
        return _layout.IsIdentity
            ? _inner.GetExtentsAsync(offset, length, maxExtents, cancellationToken)
            : MapAsync(offset, offset + length, maxExtents, cancellationToken);
    }

    /// <summary>
    /// A whole set is the same range in both address spaces, so one question covers many of them; a part of a set is
    /// asked for column by column.
    /// </summary>
    private async ValueTask<IReadOnlyList<DiskExtent>> MapAsync(
        long offset, long end, int maxExtents, CancellationToken cancellationToken)
    {
        var (runs, setBytes) = (new ExtentRuns(maxExtents), _layout.SetBytes);
        while (offset < end)
        {
            var setEnd = Math.Min(end, ((offset / setBytes) + 1) * setBytes);
            var wholeSets = offset % setBytes == 0 ? (end - offset) / setBytes * setBytes : 0;
            IReadOnlyList<DiskExtent> found = wholeSets == 0 ? [] : await _inner.GetExtentsAsync(
                offset, wholeSets, ExtentsAtOnce, cancellationToken).ConfigureAwait(false);
            var covered = found.Count == 0 ? 0 : (EndOf(found[^1]) - offset) / setBytes * setBytes;
            if (covered == 0)
            {
                covered = setEnd - offset;
                found = await AskColumnsAsync(offset, covered, cancellationToken).ConfigureAwait(false);
            }

            if (!TryMap(found, offset, offset + covered, runs))
            {
                break;
            }

            offset += covered;
        }

        return runs.Extents;
    }

    /// <summary>The extents of a part of a set, in physical order.</summary>
    private async ValueTask<IReadOnlyList<DiskExtent>> AskColumnsAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        var found = new List<DiskExtent>();
        foreach (var (physical, bytes) in _layout.RunsOf(offset, length))
        {
            for (var (at, end) = (physical, physical + bytes); at < end; at = EndOf(found[^1]))
            {
                found.AddRange(await _inner.GetExtentsAsync(at, end - at, ExtentsAtOnce, cancellationToken)
                    .ConfigureAwait(false));
            }
        }

        return found;
    }

    /// <summary>Sets that are all alike are taken together, others by units; false when no more is wanted.</summary>
    private bool TryMap(IReadOnlyList<DiskExtent> found, long offset, long end, ExtentRuns runs)
    {
        while (offset < end)
        {
            var physical = _layout.ToPhysical(offset);
            var extent = found[IndexOf(found, physical)];
            var left = EndOf(extent) - physical;
            var length = offset % _layout.SetBytes == 0 && left >= _layout.SetBytes
                ? left / _layout.SetBytes * _layout.SetBytes
                : Math.Min(left, UnitAt(physical, _layout.StripeUnitBytes));
            length = Math.Min(length, end - offset);
            if (!runs.TryAdd(offset, length, extent.IsZero))
            {
                return false;
            }

            offset += length;
        }

        return true;
    }

    /// <summary>The extent that an address is in: the last that does not start after it.</summary>
    private static int IndexOf(IReadOnlyList<DiskExtent> extents, long physical)
    {
        var (low, high) = (0, extents.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = extents[middle].Offset <= physical ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static long EndOf(in DiskExtent extent) => extent.Offset + extent.Length;
}
