namespace SnapshotGrains.Nbd;

/// <summary>Flags of a request.</summary>
[Flags]
internal enum NbdCommandFlags : ushort
{
    None = 0,
    Fua = 1 << 0,
    NoHole = 1 << 1,
    Df = 1 << 2,
    RequestOne = 1 << 3,
    FastZero = 1 << 4,
}
