using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <content>What a derived image has in common with its base.</content>
internal sealed partial class DirectoryImport
{
    /// <summary>
    /// Refers to segments of the base. They are not read: whoever does finds out whether they are intact, as with the
    /// base itself.
    /// </summary>
    private void AddBase(long count)
    {
        var map = _request.Base!.Map;
        var end = _map.Count + count;
        for (var n = _map.Count; n < end; n = _map.Count)
        {
            var data = Math.Min(map.NextData(n), end);
            if (data > n)
            {
                var until = Math.Min(map.SizeBytes, data * map.SegmentSizeBytes);
                AddZeros(ImportedSegment.OfRun(
                    SegmentOrigin.Zero, until - (n * map.SegmentSizeBytes), map.SegmentSizeBytes));
                continue;
            }

            var segment = new ImportedSegment(SegmentOrigin.Data, 1, map.LengthOf(n), default, map.DigestOf(n));
            VerifyAgainstExisting(segment);
            var known = _existing?.LocationOf(n);
            AddData(segment, known, known ?? _request.Base.LocationOf(n));
            _duplicates++;
        }
    }
}
