using System.Buffers.Binary;

namespace SnapshotGrains.Images;

/// <summary>
/// Writes an image without its holes: the header, pieces of data in ascending order, the end. What is not written is
/// zero. The stream stays open. Not thread-safe. docs/FORMATS.md, "Sparse image".
/// </summary>
public sealed class SparseImageWriter
{
    private readonly Stream _stream;
    private readonly byte[] _header = new byte[
        Math.Max(SparseImageFormat.HeaderBytes, SparseImageFormat.RecordHeaderBytes + SparseImageFormat.EndBytes)];

    private State _state;
    private long _sizeBytes;
    private long _end;

    /// <summary>Writes to <paramref name="stream"/>, in few writes; it need not buffer.</summary>
    public SparseImageWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
    }

    private enum State
    {
        New,
        Open,
        Complete,
    }

    /// <summary>Bytes of data written so far, headers left out.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Writes the header, first of all.</summary>
    /// <param name="sizeBytes">Exact size of the image in bytes, holes included.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or above
    /// <see cref="SparseImageFormat.MaxImageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">It is written already.</exception>
    public async ValueTask WriteHeaderAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeBytes, SparseImageFormat.MaxImageBytes);
        Require(State.New);
        _state = State.Open;
        _sizeBytes = sizeBytes;
        SparseImageFormat.WriteHeader(_header, sizeBytes);
        await _stream.WriteAsync(_header.AsMemory(0, SparseImageFormat.HeaderBytes), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Writes data of the image; none is no record, much is several.</summary>
    /// <param name="offset">Its first byte in the image, not before the end of the data written last.</param>
    /// <param name="data">The bytes, not beyond the size of the image.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="ArgumentOutOfRangeException">It begins before the end of what is written, or ends beyond the
    /// image.</exception>
    /// <exception cref="InvalidOperationException">The header is missing, or the end is written.</exception>
    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Require(State.Open);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, _end);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, _sizeBytes - data.Length);
        while (!data.IsEmpty)
        {
            var record = data[..Math.Min(data.Length, SparseImageFormat.MaxRecordBytes)];
            SparseImageFormat.WriteRecordHeader(_header, (ulong)offset, record.Span);
            await _stream.WriteAsync(_header.AsMemory(0, SparseImageFormat.RecordHeaderBytes), cancellationToken)
                .ConfigureAwait(false);
            await _stream.WriteAsync(record, cancellationToken).ConfigureAwait(false);
            DataBytes += record.Length;
            offset += record.Length;
            _end = offset;
            data = data[record.Length..];
        }
    }

    /// <summary>Writes the end, without which the image is not whole, and flushes the stream.</summary>
    /// <exception cref="InvalidOperationException">The header is missing, or the end is written.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Require(State.Open);
        _state = State.Complete;
        var total = _header.AsMemory(SparseImageFormat.RecordHeaderBytes, SparseImageFormat.EndBytes);
        BinaryPrimitives.WriteInt64LittleEndian(total.Span, DataBytes);
        SparseImageFormat.WriteRecordHeader(_header, SparseImageFormat.EndOffset, total.Span);
        await _stream.WriteAsync(
            _header.AsMemory(0, SparseImageFormat.RecordHeaderBytes + SparseImageFormat.EndBytes), cancellationToken)
            .ConfigureAwait(false);
        await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Require(State state)
    {
        if (_state != state)
        {
            throw new InvalidOperationException(_state switch
            {
                State.New => "The header is not written yet; call WriteHeaderAsync first.",
                State.Open => "The header is written already.",
                _ => "The end is written already.",
            });
        }
    }
}
