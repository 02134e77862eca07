using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

public sealed partial class CipherDisk
{
    private static readonly ReadOnlyMemory<byte> ZeroSector = new byte[SectorBytes];

    /// <inheritdoc/>
    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable = false, CancellationToken cancellationToken = default)
    {
        CheckWrite(offset, data.Length);
        var cut = new SectorCut(offset, data.Length, SizeBytes);
        return cut.HeadBytes == 0 && cut.IsOnePiece(MaxTogetherBytes) && cut.WholeBytes > 0
            ? WriteWholeAsync(offset, data, isDurable, cancellationToken)
            : WritePiecesAsync(cut, offset, data, isDurable, cancellationToken);
    }

    /// <summary>Writes nothing by itself, so it needs no key.</summary>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        _inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        CheckWrite(offset, length);
        var cut = new SectorCut(offset, length, SizeBytes);
        return cut.WholeBytes == 0 ? default : TrimWholeAsync(cut, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable = false, CancellationToken cancellationToken = default)
    {
        CheckWrite(offset, length);
        var cut = new SectorCut(offset, length, SizeBytes);
        var isDurableAtOnce = isDurable && cut.IsOnePiece(long.MaxValue);
        await PatchAsync(offset, ZeroSector[..cut.HeadBytes], isDurableAtOnce, cancellationToken)
            .ConfigureAwait(false);
        await ZeroWholeAsync(cut, isDurableAtOnce, cancellationToken).ConfigureAwait(false);
        await PatchAsync(cut.WholeEnd, ZeroSector[..cut.TailBytes], isDurableAtOnce, cancellationToken)
            .ConfigureAwait(false);
        if (isDurable && !isDurableAtOnce)
        {
            await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WritePiecesAsync(
        SectorCut cut, long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        var isDurableAtOnce = isDurable && cut.IsOnePiece(MaxTogetherBytes);
        await PatchAsync(offset, data[..cut.HeadBytes], isDurableAtOnce, cancellationToken).ConfigureAwait(false);
        for (var at = cut.HeadBytes; at < data.Length - cut.TailBytes;)
        {
            var length = Math.Min(MaxTogetherBytes, data.Length - cut.TailBytes - at);
            await WriteWholeAsync(offset + at, data.Slice(at, length), isDurableAtOnce, cancellationToken)
                .ConfigureAwait(false);
            at += length;
        }

        await PatchAsync(cut.WholeEnd, data[^cut.TailBytes..], isDurableAtOnce, cancellationToken)
            .ConfigureAwait(false);
        if (isDurable && !isDurableAtOnce)
        {
            await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Writes whole sectors; a part of the disk's last one is filled up with zeros. Allocates nothing if it need not
    /// wait.
    /// </summary>
    private async ValueTask WriteWholeAsync(
        long start, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        var end = SectorCut.RoundUp(start + data.Length);
        var range = new SectorRange(start / SectorBytes, end / SectorBytes, IsExclusive: false);
        await _gate.EnterAsync(range, cancellationToken).ConfigureAwait(false);
        try
        {
            using var buffer = NativeBufferPool.Shared.Rent((int)(end - start));
            Encrypt(data.Span, buffer.GetSpan(), range.First);
            await _inner.WriteAsync(start, buffer.Memory, isDurable, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Exit(range);
        }
    }

    private void Encrypt(ReadOnlySpan<byte> data, Span<byte> buffer, long sector)
    {
        var whole = data.Length - (data.Length % SectorBytes);
        _key.Encrypt(data[..whole], buffer[..whole], sector);
        if (whole < data.Length)
        {
            var last = buffer[whole..];
            data[whole..].CopyTo(last);
            last[(data.Length - whole)..].Clear();
            _key.Encrypt(last, last, sector + (whole / SectorBytes));
        }
    }

    private async ValueTask ZeroWholeAsync(SectorCut cut, bool isDurable, CancellationToken cancellationToken)
    {
        if (cut.WholeBytes == 0)
        {
            return;
        }

        var range = RangeOf(cut);
        await _gate.EnterAsync(range, cancellationToken).ConfigureAwait(false);
        try
        {
            await _inner.WriteZeroesAsync(cut.WholeStart, cut.WholeBytes, isDurable, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _gate.Exit(range);
        }
    }

    private async ValueTask TrimWholeAsync(SectorCut cut, CancellationToken cancellationToken)
    {
        var range = RangeOf(cut);
        await _gate.EnterAsync(range, cancellationToken).ConfigureAwait(false);
        try
        {
            await _inner.TrimAsync(cut.WholeStart, cut.WholeBytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Exit(range);
        }
    }

    /// <summary>Changes a part of a sector, alone on it.</summary>
    private async ValueTask PatchAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        if (data.IsEmpty)
        {
            return;
        }

        var start = SectorCut.RoundDown(offset);
        var range = new SectorRange(start / SectorBytes, (start / SectorBytes) + 1, IsExclusive: true);
        await _gate.EnterAsync(range, cancellationToken).ConfigureAwait(false);
        try
        {
            using var sector = NativeBufferPool.Shared.Rent(SectorBytes);
            await _inner.ReadAsync(start, sector.Memory, cancellationToken).ConfigureAwait(false);
            Decrypt(sector.GetSpan(), sector.GetSpan(), start);
            data.Span.CopyTo(sector.GetSpan()[(int)(offset - start)..]);
            _key.Encrypt(sector.GetSpan(), sector.GetSpan(), range.First);

            // Not given up halfway: a write that still came to pass after the gate has opened would undo others.
            await _inner.WriteAsync(start, sector.Memory, isDurable, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _gate.Exit(range);
        }
    }

    private static SectorRange RangeOf(in SectorCut cut) =>
        new(cut.WholeStart / SectorBytes, cut.WholeEnd / SectorBytes, IsExclusive: false);

    private void CheckWrite(long offset, long length)
    {
        if (IsReadOnly)
        {
            throw ReadOnlyError();
        }

        CheckKey();
        CheckRange(offset, length);
    }
}
