using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests;

/// <summary>A stripe format, and whether there is a key.</summary>
public sealed record LayerFormat(int SegmentBytes, int UnitBytes, int Count, bool IsEncrypted)
{
    private static readonly (int Segment, int Unit, int Count)[] Formats =
    [
        (1 << 20, 1 << 20, 1),
        (1 << 20, 64 << 10, 4),
        (64 << 10, 4 << 10, 3),
        (64 << 10, 64 << 10, 8),
        (64 << 10, 16 << 10, 1),
    ];

    public static IEnumerable<LayerFormat> All =>
        from format in Formats
        from isEncrypted in (bool[])[false, true]
        select new LayerFormat(format.Segment, format.Unit, format.Count, isEncrypted);

    public long SetBytes => (long)SegmentBytes * Count;

    public StripeLayout LayoutOf(long sizeBytes) => new(SegmentBytes, UnitBytes, Count, sizeBytes);

    public override string ToString() =>
        $"{SegmentBytes >> 10}K-{UnitBytes >> 10}K-{Count}{(IsEncrypted ? " encrypted" : "")}";
}
