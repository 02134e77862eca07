namespace SnapshotGrains.Storage;

public sealed partial class StripeLayout
{
    /// <summary>
    /// Which physical addresses hold a logical range: one run in each segment of a set that is covered in part, and one
    /// for all sets in between, whose bytes are the same in both orders. No two runs overlap.
    /// </summary>
    /// <param name="offset">First logical address.</param>
    /// <param name="length">Bytes; the range may end with the sector that the address space ends in.</param>
    public IEnumerable<(long Physical, long Length)> RunsOf(long offset, long length)
    {
        if (IsIdentity && length > 0)
        {
            yield return (offset, length);
            yield break;
        }

        for (var end = offset + length; offset < end;)
        {
            var set = offset / SetBytes;
            var (from, to) = (offset - (set * SetBytes), Math.Min(SetBytes, end - (set * SetBytes)));
            if (from == 0 && to == SetBytes)
            {
                var whole = (end - offset) / SetBytes * SetBytes;
                yield return (offset, whole);
                offset += whole;
                continue;
            }

            for (var column = 0; column < StripeCount; column++)
            {
                var (first, last) = (BytesBefore(column, from), BytesBefore(column, to));
                if (first < last)
                {
                    yield return ((((set * StripeCount) + column) << _segmentShift) + first, last - first);
                }
            }

            offset = (set * SetBytes) + to;
        }
    }

    /// <summary>
    /// Bytes of a column among the first <paramref name="inSet"/> logical ones of its set: each full row gives a unit,
    /// and the last one what reaches into the column's turn.
    /// </summary>
    private long BytesBefore(int column, long inSet)
    {
        var (rows, inRow) = Math.DivRem(inSet, (long)StripeUnitBytes * StripeCount);
        return (rows << _unitShift) + Math.Clamp(inRow - ((long)column << _unitShift), 0, StripeUnitBytes);
    }
}
