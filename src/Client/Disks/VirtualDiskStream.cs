namespace SnapshotGrains.Client;

/// <summary>A <see cref="VirtualDisk"/> as a seekable stream.</summary>
internal sealed class VirtualDiskStream(VirtualDisk disk) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => disk.SizeBytes;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await disk.ReadAsync(_position, buffer, cancellationToken).ConfigureAwait(false);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Stream's contract has a blocking read; bytes at hand are copied without blocking.
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        SeekOrigin.End => Length + offset,
        _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "Begin, Current or End."),
    };

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override void SetLength(long value) => throw new NotSupportedException("A disk's size is fixed.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("This disk is open for reading only.");
}
