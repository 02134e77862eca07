namespace SnapshotGrains.Nbd;

/// <summary>Flags of the greeting; the client's flags have the same bits.</summary>
[Flags]
internal enum NbdHandshakeFlags : uint
{
    None = 0,
    FixedNewstyle = 1 << 0,
    NoZeroes = 1 << 1,
    All = FixedNewstyle | NoZeroes,
}
