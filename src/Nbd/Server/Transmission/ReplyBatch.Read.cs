using System.Buffers;

namespace SnapshotGrains.Nbd;

/// <summary>Replies to NBD_CMD_READ.</summary>
internal sealed partial class ReplyBatch
{
    private void AddRead(in RequestHeader request, NbdRead read)
    {
        if (read.HasMemory && !TryPin(read))
        {
            read.Drop();
            AddError(request, NbdError.Io, $"The memory of {read.Length} bytes at {read.Offset} is gone.");
            return;
        }

        _bytesRead += read.Length;
        var pieces = read.Pieces;
        if (!_structured)
        {
            ReplyWriter.WriteSimple(Head(ReplyWriter.SimpleBytes), request.Cookie, NbdError.None);
            AddPieces(pieces);
        }
        else if (pieces.Length == 1 && pieces[0].Kind != NbdReadPieceKind.Hole)
        {
            AddDataChunk(request.Cookie, true, read.Offset, read.Length, pieces);
        }
        else if ((request.Flags & NbdCommandFlags.Df) != 0)
        {
            // "Don't fragment": one chunk whatever it costs, zeroes spelled out.
            AddDataChunk(request.Cookie, true, read.Offset, read.Length, pieces);
        }
        else
        {
            AddChunks(request.Cookie, read.Offset, pieces);
        }

        read.Clear();
    }

    /// <summary>Adds a chunk for each hole and for each run of data between holes.</summary>
    private void AddChunks(ulong cookie, long offset, ReadOnlySpan<NbdReadPiece> pieces)
    {
        while (!pieces.IsEmpty)
        {
            var isHole = pieces[0].Kind == NbdReadPieceKind.Hole;
            var run = 0;
            var length = 0;
            do
            {
                length += pieces[run++].Length;
            }
            while (run < pieces.Length && (pieces[run].Kind == NbdReadPieceKind.Hole) == isHole);

            var done = run == pieces.Length;
            if (isHole)
            {
                ReplyWriter.WriteOffsetHole(Head(ReplyWriter.OffsetHoleBytes), cookie, done, offset, length);
            }
            else
            {
                AddDataChunk(cookie, done, offset, length, pieces[..run]);
            }

            offset += length;
            pieces = pieces[run..];
        }
    }

    private void AddDataChunk(ulong cookie, bool done, long offset, int length, ReadOnlySpan<NbdReadPiece> pieces)
    {
        ReplyWriter.WriteOffsetData(Head(ReplyWriter.OffsetDataBytes), cookie, done, offset, length);
        AddPieces(pieces);
    }

    private void AddPieces(ReadOnlySpan<NbdReadPiece> pieces)
    {
        foreach (ref readonly var piece in pieces)
        {
            if (piece.Kind == NbdReadPieceKind.Hole)
            {
                AddZeroes(piece.Length);
                continue;
            }

            AddVector(piece.Pointer, piece.Length);
            if (piece.Owner is not null)
            {
                AddLease(piece.Owner);
            }
        }
    }

    private void AddZeroes(int length)
    {
        while (length > 0)
        {
            var step = Math.Min(length, ZeroMemory.Bytes);
            AddVector(ZeroMemory.Start, step);
            length -= step;
        }
    }

    private void AddLease(IDisposable lease)
    {
        if (_leaseCount == _leases.Length)
        {
            Array.Resize(ref _leases, _leases.Length * 2);
        }

        _leases[_leaseCount++] = lease;
    }

    /// <summary>Pins what is not pinned, before the first byte of the reply is settled: pinning may fail.</summary>
    private unsafe bool TryPin(NbdRead read)
    {
        try
        {
            foreach (ref var piece in read.MutablePieces)
            {
                if (piece.Kind == NbdReadPieceKind.Memory)
                {
                    var handle = piece.Memory.Pin();
                    AddPin(handle);
                    piece.Pointer = (nint)handle.Pointer;
                    piece.Kind = NbdReadPieceKind.Pointer;
                }
            }

            return true;
        }
        catch (Exception e) when (e is ObjectDisposedException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private void AddPin(in MemoryHandle handle)
    {
        if (_pinCount == _pins.Length)
        {
            Array.Resize(ref _pins, Math.Max(16, _pins.Length * 2));
        }

        _pins[_pinCount++] = handle;
    }
}
