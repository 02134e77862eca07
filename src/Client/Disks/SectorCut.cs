using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// A range of bytes cut at sectors: a part of a sector at its head, whole sectors, a part of one at its tail. The last
/// sector of a disk counts as whole where the disk ends within it: what follows is nobody's.
/// </summary>
internal readonly record struct SectorCut
{
    /// <summary>Size of a sector, in bytes.</summary>
    public const int SectorBytes = StripeLayout.MinUnitBytes;

    /// <summary>Cuts a range that lies on a disk of this size.</summary>
    public SectorCut(long offset, long length, long sizeBytes)
    {
        var end = offset + length;
        HeadBytes = (int)Math.Min(length, -offset & (SectorBytes - 1));
        WholeStart = offset + HeadBytes;
        WholeEnd = Math.Max(WholeStart, end == sizeBytes ? RoundUp(end) : RoundDown(end));
        if (HeadBytes == length)
        {
            WholeEnd = WholeStart;
        }

        TailBytes = (int)Math.Max(0, end - WholeEnd);
    }

    /// <summary>Bytes at the start of the range that cover a sector in part.</summary>
    public int HeadBytes { get; }

    /// <summary>Where the whole sectors start: a multiple of the sector size, if there are any.</summary>
    public long WholeStart { get; }

    /// <summary>Where they end: may be past the end of the range, at the end of the disk.</summary>
    public long WholeEnd { get; }

    /// <summary>Bytes at the end of the range that cover a sector in part.</summary>
    public int TailBytes { get; }

    /// <summary>Length of the whole sectors, in bytes.</summary>
    public long WholeBytes => WholeEnd - WholeStart;

    /// <summary>Whether the range is one piece: whole sectors of at most so many bytes, or a part of one.</summary>
    public bool IsOnePiece(long maxWholeBytes) =>
        WholeBytes <= maxWholeBytes
        && (HeadBytes == 0 ? 0 : 1) + (WholeBytes == 0 ? 0 : 1) + (TailBytes == 0 ? 0 : 1) == 1;

    /// <summary>The start of the sector that a byte is in.</summary>
    public static long RoundDown(long bytes) => bytes & ~(long)(SectorBytes - 1);

    /// <summary>The end of the sectors that so many bytes take.</summary>
    public static long RoundUp(long bytes) => StripeLayout.RoundUp(bytes);
}
