namespace SnapshotGrains.Storage;

/// <summary>
/// A FIFO of buffers, linked through the buffers themselves, so that any of them leaves in constant time.
/// </summary>
internal sealed class SegmentQueue
{
    private SegmentBuffer? _newest;

    public SegmentBuffer? Oldest { get; private set; }

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public void AddNewest(SegmentBuffer buffer)
    {
        buffer.Queue = this;
        buffer.Older = _newest;
        buffer.Newer = null;
        if (_newest is null)
        {
            Oldest = buffer;
        }
        else
        {
            _newest.Newer = buffer;
        }

        _newest = buffer;
        Count++;
        Bytes += buffer.ChargeBytes;
    }

    public void Remove(SegmentBuffer buffer)
    {
        if (buffer.Newer is null)
        {
            _newest = buffer.Older;
        }
        else
        {
            buffer.Newer.Older = buffer.Older;
        }

        if (buffer.Older is null)
        {
            Oldest = buffer.Newer;
        }
        else
        {
            buffer.Older.Newer = buffer.Newer;
        }

        buffer.Queue = null;
        buffer.Newer = null;
        buffer.Older = null;
        Count--;
        Bytes -= buffer.ChargeBytes;
    }

    /// <summary>Sends the oldest to the newest end: it cannot go now.</summary>
    public void Rotate(SegmentBuffer buffer)
    {
        Remove(buffer);
        AddNewest(buffer);
    }
}
