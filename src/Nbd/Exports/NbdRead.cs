using System.Runtime.CompilerServices;

namespace SnapshotGrains.Nbd;

/// <summary>
/// One NBD_CMD_READ and its answer: a list of lent memory and holes, in order. The bytes go from there to the socket
/// without a copy. The object is reused: an export must not keep it after its task completed.
/// </summary>
public sealed class NbdRead
{
    private NbdReadPiece[] _pieces = new NbdReadPiece[4];
    private int _count;

    /// <summary>First byte wanted.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes wanted.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes added so far.</summary>
    public int Covered { get; private set; }

    /// <summary>Bytes that still have to be added.</summary>
    public int Remaining => Length - Covered;

    internal ReadOnlySpan<NbdReadPiece> Pieces => _pieces.AsSpan(0, _count);

    internal Span<NbdReadPiece> MutablePieces => _pieces.AsSpan(0, _count);

    /// <summary>True when some pieces have to be pinned.</summary>
    internal bool HasMemory { get; private set; }

    /// <summary>Adds the next bytes; they must not change or move until <paramref name="owner"/> is disposed.</summary>
    /// <param name="data">At least one byte; not more than <see cref="Remaining"/>.</param>
    /// <param name="owner">Disposed once for this call, on any thread, when the bytes are in the kernel or dropped,
    /// even when this call throws. Must neither block nor throw.</param>
    /// <exception cref="InvalidOperationException">The answer would be longer than the request.</exception>
    public void Add(ReadOnlyMemory<byte> data, IDisposable? owner = null)
    {
        ref var piece = ref Next(data.Length, owner);
        piece.Kind = NbdReadPieceKind.Memory;
        piece.Memory = data;
        HasMemory = true;
    }

    /// <summary>Adds the next bytes from unmanaged or pinned memory: no pinning, the fastest way.</summary>
    /// <param name="pointer">The first byte.</param>
    /// <param name="length">At least one; not more than <see cref="Remaining"/>.</param>
    /// <param name="owner">Disposed once for this call, on any thread, when the bytes are in the kernel or dropped,
    /// even when this call throws. Must neither block nor throw.</param>
    /// <exception cref="InvalidOperationException">The answer would be longer than the request.</exception>
    public void Add(nint pointer, int length, IDisposable? owner = null)
    {
        ref var piece = ref Next(length, owner);
        piece.Kind = NbdReadPieceKind.Pointer;
        piece.Pointer = pointer;
    }

    /// <summary>
    /// Says that the next bytes are zero; costs no memory, and no network where the client allows it.
    /// </summary>
    /// <param name="length">At least one; not more than <see cref="Remaining"/>.</param>
    /// <exception cref="InvalidOperationException">The answer would be longer than the request.</exception>
    public void AddHole(int length)
    {
        if (_count > 0 && _pieces[_count - 1].Kind == NbdReadPieceKind.Hole && length > 0 && length <= Remaining)
        {
            _pieces[_count - 1].Length += length;
            Covered += length;
            return;
        }

        Next(length, null).Kind = NbdReadPieceKind.Hole;
    }

    /// <summary>Gives back what was added so far; the answer starts anew.</summary>
    public void Restart()
    {
        Drop();
        Covered = 0;
        HasMemory = false;
    }

    internal void Reset(long offset, int length)
    {
        Offset = offset;
        Length = length;
        Covered = 0;
        _count = 0;
        HasMemory = false;
    }

    /// <summary>Forgets the pieces after their leases went to the reply.</summary>
    internal void Clear()
    {
        _pieces.AsSpan(0, _count).Clear();
        _count = 0;
    }

    /// <summary>Gives back what was lent: the reply is not sent.</summary>
    internal void Drop()
    {
        foreach (ref readonly var piece in Pieces)
        {
            piece.Owner?.Dispose();
        }

        Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref NbdReadPiece Next(int length, IDisposable? owner)
    {
        if ((uint)(length - 1) >= (uint)Remaining)
        {
            Refuse(length, owner);
        }

        if (_count == _pieces.Length)
        {
            Array.Resize(ref _pieces, _count * 2);
        }

        ref var piece = ref _pieces[_count++];
        piece.Length = length;
        piece.Owner = owner;
        Covered += length;
        return ref piece;
    }

    private void Refuse(int length, IDisposable? owner)
    {
        owner?.Dispose();
        throw new InvalidOperationException(
            $"A read of {Length} bytes at {Offset} has {Remaining} bytes to go; {length} were added. "
            + "Add at least one byte and at most what remains.");
    }
}
