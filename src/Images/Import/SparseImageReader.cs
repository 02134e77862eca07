using System.Buffers.Binary;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// An image that comes as a stream without its holes; docs/FORMATS.md, "Sparse image". Reads the stream once, with a
/// small buffer, and leaves it open. The data is the image only when <see cref="ReadAsync"/> has returned 0 at the
/// image's length: then the end was there, and every checksum right. Not thread-safe.
/// </summary>
public sealed class SparseImageReader : IImageReader
{
    private readonly SparseInput _input;
    private readonly byte[] _header = new byte[SparseImageFormat.HeaderBytes];

    private long _sizeBytes;
    private long _position;

    // The record that the stream stands in: its data from _recordAt to _recordEnd is still to come.
    private long _recordAt;
    private long _recordEnd;
    private uint _recordChecksum;
    private uint _promisedChecksum;
    private long _dataBytes;
    private bool _hasEnded;

    private SparseImageReader(Stream stream) => _input = new SparseInput(stream);

    /// <inheritdoc/>
    public long? LengthBytes => _sizeBytes;

    /// <summary>Bytes of data that have come so far, headers left out.</summary>
    public long DataBytes => _dataBytes;

    /// <summary>Reads the header of the stream.</summary>
    /// <exception cref="ImageCenterException">BadRequest: it is no sparse image, or of another version, or the stream
    /// cannot be read. Truncated: it ends within the header. All later reads have these errors too.</exception>
    public static async Task<SparseImageReader> OpenAsync(Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reader = new SparseImageReader(stream);
        await reader.ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        return reader;
    }

    /// <inheritdoc/>
    public async ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken)
    {
        MoveTo(offset);
        while (_recordEnd <= offset && !_hasEnded)
        {
            await SkipToAsync(_recordEnd, cancellationToken).ConfigureAwait(false);
            await ReadRecordHeaderAsync(cancellationToken).ConfigureAwait(false);
        }

        await SkipToAsync(Math.Min(offset, _recordEnd), cancellationToken).ConfigureAwait(false);
        return _hasEnded ? _sizeBytes : Math.Max(offset, _recordAt);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var take = (int)Math.Min(destination.Length, Math.Max(0, _sizeBytes - offset));
        var filled = 0;
        if (take == 0)
        {
            // Whoever asks behind the last byte wants to know whether the image ends there.
            await FindDataAsync(offset, cancellationToken).ConfigureAwait(false);
        }

        while (filled < take)
        {
            var at = offset + filled;
            var data = await FindDataAsync(at, cancellationToken).ConfigureAwait(false);
            var zeros = (int)Math.Min(data - at, take - filled);
            destination.Span.Slice(filled, zeros).Clear();
            filled += zeros;
            var piece = (int)Math.Min(take - filled, _recordEnd - _recordAt);
            if (piece > 0)
            {
                await ReadDataAsync(destination.Slice(filled, piece), cancellationToken).ConfigureAwait(false);
                filled += piece;
            }
        }

        MoveTo(offset + filled);
        return filled;
    }

    private async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        await _input.ReadAsync(_header, "the header", cancellationToken).ConfigureAwait(false);
        if (!_header.AsSpan().StartsWith(SparseImageFormat.Magic))
        {
            throw SparseInput.Malformed(
                0, $"it starts with {Convert.ToHexStringLower(_header.AsSpan(0, 8))}, which is no sparse image");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(_header.AsSpan(8));
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(_header.AsSpan(10));
        _sizeBytes = BinaryPrimitives.ReadInt64LittleEndian(_header.AsSpan(12));
        var problem = version != SparseImageFormat.Version
            ? $"it has version {version}, this program reads version {SparseImageFormat.Version}"
            : !SparseImageFormat.IsHeaderSound(_header) ? "the checksum of the header is wrong"
            : flags != 0 ? $"flags {flags:x4} are set, version {version} knows none"
            : _sizeBytes is < 0 or > SparseImageFormat.MaxImageBytes
                ? $"the image size {(ulong)_sizeBytes} is above {SparseImageFormat.MaxImageBytes}"
            : null;
        if (problem is not null)
        {
            throw SparseInput.Malformed(8, problem);
        }
    }

    private async ValueTask ReadRecordHeaderAsync(CancellationToken cancellationToken)
    {
        var at = _input.Position;
        var header = _header.AsMemory(0, SparseImageFormat.RecordHeaderBytes);
        await _input.ReadAsync(header, "a record's header", cancellationToken).ConfigureAwait(false);
        if (!SparseImageFormat.IsRecordHeaderSound(header.Span))
        {
            throw SparseInput.Malformed(at, "the checksum of a record's header is wrong");
        }

        var offset = BinaryPrimitives.ReadUInt64LittleEndian(header.Span);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header.Span[8..]);
        _promisedChecksum = BinaryPrimitives.ReadUInt32LittleEndian(header.Span[12..]);
        if (offset == SparseImageFormat.EndOffset)
        {
            await ReadEndAsync(at, length, cancellationToken).ConfigureAwait(false);
            return;
        }

        var problem = length is 0 or > SparseImageFormat.MaxRecordBytes
            ? $"a record has {length} bytes; 1 to {SparseImageFormat.MaxRecordBytes} are allowed"
            : offset < (ulong)_recordEnd
                ? $"a record is at {offset}, but the one before it ends at {_recordEnd}"
            : offset > (ulong)_sizeBytes || length > (ulong)_sizeBytes - offset
                ? $"a record of {length} bytes at {offset} reaches beyond the image's {_sizeBytes} bytes"
            : null;
        if (problem is not null)
        {
            throw SparseInput.Malformed(at, problem);
        }

        (_recordAt, _recordEnd, _recordChecksum) = ((long)offset, (long)offset + length, 0);
    }

    private async ValueTask ReadEndAsync(long at, uint length, CancellationToken cancellationToken)
    {
        if (length != SparseImageFormat.EndBytes)
        {
            throw SparseInput.Malformed(at, $"the end has {length} bytes instead of {SparseImageFormat.EndBytes}");
        }

        var total = _header.AsMemory(0, SparseImageFormat.EndBytes);
        await _input.ReadAsync(total, "the end", cancellationToken).ConfigureAwait(false);
        var promised = BinaryPrimitives.ReadUInt64LittleEndian(total.Span);
        if (Crc32C.Compute(total.Span) != _promisedChecksum)
        {
            throw SparseInput.Malformed(at, "the checksum of the end is wrong");
        }

        if (promised != (ulong)_dataBytes)
        {
            throw SparseInput.Malformed(at, $"{_dataBytes} bytes of data came, but the end says {promised}");
        }

        await _input.VerifyEndAsync(cancellationToken).ConfigureAwait(false);
        _hasEnded = true;
    }

    /// <summary>Reads data of the record; its checksum is compared with its last byte.</summary>
    private async ValueTask ReadDataAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        await _input.ReadAsync(destination, "a record's data", cancellationToken).ConfigureAwait(false);
        _recordChecksum = Crc32C.Append(_recordChecksum, destination.Span);
        _recordAt += destination.Length;
        _dataBytes += destination.Length;
        if (_recordAt == _recordEnd && _recordChecksum != _promisedChecksum)
        {
            throw SparseInput.Malformed(
                _input.Position, $"the checksum of the record that ends here (at {_recordEnd} of the image) is wrong");
        }
    }

    /// <summary>Passes data that nobody wants; it counts, and its checksum must be right.</summary>
    private async ValueTask SkipToAsync(long offset, CancellationToken cancellationToken)
    {
        if (_recordAt >= offset)
        {
            return;
        }

        var scratch = new byte[Math.Min(offset - _recordAt, 64 * 1024)];
        while (_recordAt < offset)
        {
            var piece = (int)Math.Min(scratch.Length, offset - _recordAt);
            await ReadDataAsync(scratch.AsMemory(0, piece), cancellationToken).ConfigureAwait(false);
        }
    }

    private void MoveTo(long offset)
    {
        if (offset < _position)
        {
            throw new InvalidOperationException($"A sparse image at {_position} cannot be read at {offset}.");
        }

        _position = offset;
    }
}
