namespace SnapshotGrains.Images.Tests;

/// <summary>A content that does something when a certain byte is reached, once.</summary>
internal sealed class FailingStream(byte[] content, long at, Action act) : Stream
{
    private int _position;
    private bool _done;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_position >= at && !_done)
        {
            _done = true;
            act();
        }

        var take = Math.Min(Math.Min(count, 10_000), content.Length - _position);
        content.AsSpan(_position, take).CopyTo(buffer.AsSpan(offset));
        _position += take;
        return take;
    }

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
