namespace SnapshotGrains.Nbd;

/// <summary>A part of a read's answer. Mutable, because it lives in a reused array.</summary>
internal struct NbdReadPiece
{
    public NbdReadPieceKind Kind;
    public int Length;
    public nint Pointer;
    public ReadOnlyMemory<byte> Memory;
    public IDisposable? Owner;
}

/// <summary>Where the bytes of an <see cref="NbdReadPiece"/> are.</summary>
internal enum NbdReadPieceKind : byte
{
    Pointer,
    Memory,
    Hole,
}
