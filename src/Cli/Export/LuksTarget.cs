using System.Buffers;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Export;

/// <summary>
/// A LUKS1 volume with a master key of its own. Zeros are encrypted too: in a volume a hole is not zeros.
/// </summary>
/// <param name="volume">The volume's header and cipher; disposed with this.</param>
/// <param name="inner">Where the volume goes; disposed with this.</param>
internal sealed class LuksTarget(Luks1Volume volume, ExportTarget inner) : ExportTarget
{
    private const int PieceBytes = 256 << 10;

    private readonly byte[] _piece = new byte[PieceBytes];
    private int _filled;
    private long _written;

    /// <summary>Size of a volume that holds so many bytes.</summary>
    public static long SizeOf(Luks1Volume volume, long sizeBytes) =>
        volume.PayloadOffset + InSectors(volume, sizeBytes);

    /// <inheritdoc />
    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var taken = Math.Min(data.Length, PieceBytes - _filled);
            data.Span[..taken].CopyTo(_piece.AsSpan(_filled));
            await AdvanceAsync(taken, cancellationToken);
            data = data[taken..];
        }
    }

    /// <inheritdoc />
    public override async ValueTask SkipAsync(long offset, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            var taken = (int)Math.Min(length, PieceBytes - _filled);
            _piece.AsSpan(_filled, taken).Clear();
            await AdvanceAsync(taken, cancellationToken);
            length -= taken;
        }
    }

    /// <inheritdoc />
    public override async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var sectors = (int)InSectors(volume, _filled);
        _piece.AsSpan(_filled, sectors - _filled).Clear();
        _filled = sectors;
        await FlushAsync(cancellationToken);
        await inner.CompleteAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        _piece.AsSpan().Clear();
        volume.Dispose();
        await inner.DisposeAsync();
    }

    private static long InSectors(Luks1Volume volume, long bytes)
    {
        var sector = volume.Cipher.SectorBytes;
        return (bytes + sector - 1) / sector * sector;
    }

    private async ValueTask AdvanceAsync(int bytes, CancellationToken cancellationToken)
    {
        _filled += bytes;
        if (_filled == PieceBytes)
        {
            await FlushAsync(cancellationToken);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_written == 0)
        {
            var header = new MemoryStream();
            volume.WriteHeader(header);
            await inner.WriteAsync(0, header.GetBuffer().AsMemory(0, (int)header.Length), cancellationToken);
        }

        var piece = _piece.AsMemory(0, _filled);
        volume.Cipher.Encrypt(piece.Span, piece.Span, _written / volume.Cipher.SectorBytes);
        await inner.WriteAsync(volume.PayloadOffset + _written, piece, cancellationToken);
        _written += _filled;
        _filled = 0;
    }
}
