namespace SnapshotGrains.Storage;

/// <summary>
/// Where what is in a disk cache's file: a page of header, a table with an entry for each unit, then the units. A
/// segment takes units in a row. See docs/FORMATS.md, "Disk cache".
/// </summary>
/// <param name="UnitBytes">Bytes of a unit.</param>
/// <param name="Units">How many.</param>
internal readonly record struct DiskCacheLayout(int UnitBytes, int Units)
{
    public const int PageBytes = 4096;

    /// <summary>Bounds the table, and with it how long opening takes: 64 MiB are read at most.</summary>
    private const int MaxUnits = 1 << 20;

    public static long TableOffset => PageBytes;

    public long DataOffset => RoundUp(TableOffset + (long)Units * DiskCacheEntry.SizeBytes);

    public long LengthBytes => DataOffset + (long)Units * UnitBytes;

    /// <summary>Bytes of the largest segment that has room.</summary>
    public long CapacityBytes => (long)Units * UnitBytes;

    /// <summary>The most units within a limit.</summary>
    public static DiskCacheLayout Within(long limitBytes)
    {
        var unit = SegmentMap.MinSegmentSizeBytes;
        while (limitBytes / unit > MaxUnits)
        {
            unit *= 2;
        }

        // Two pages: the header, and what rounding the table up to whole pages may take.
        return new DiskCacheLayout(unit, (int)((limitBytes - 2 * PageBytes) / (unit + DiskCacheEntry.SizeBytes)));
    }

    public long OffsetOf(int unit) => DataOffset + (long)unit * UnitBytes;

    public long EntryOffsetOf(int unit) => TableOffset + (long)unit * DiskCacheEntry.SizeBytes;

    public int UnitsFor(int lengthBytes) => (int)(((long)lengthBytes + UnitBytes - 1) / UnitBytes);

    private static long RoundUp(long bytes) => (bytes + PageBytes - 1) / PageBytes * PageBytes;
}
