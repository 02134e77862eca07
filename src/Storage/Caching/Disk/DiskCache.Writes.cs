namespace SnapshotGrains.Storage;

/// <content>Writing: one at a time, by a task of the cache's own, from a queue that is bounded in bytes.</content>
public sealed partial class DiskCache
{
    private readonly HashSet<Digest> _queued = [];
    private (long Offset, int Length) _lastWritten;
    private long _queuedBytes;
    private long _sequence;
    private long _writes;
    private long _bytesWritten;
    private long _dropped;

    /// <summary>
    /// Has a segment written, unless it is here already, or too much waits. Returns at once. Only what is named by the
    /// SHA-256 of its bytes is taken, for nothing else can be verified when it is read.
    /// </summary>
    /// <param name="segment">The segment, which the caller has leased.</param>
    public void Offer(SegmentBuffer segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (segment.ContentDigest != segment.Digest)
        {
            return;
        }

        lock (_gate)
        {
            if (_table.Find(segment.Digest) is { } slot)
            {
                slot.Resident = segment;
            }
            else if (!_queued.Contains(segment.Digest) && !TryQueueLocked(segment))
            {
                _dropped++;
            }
        }
    }

    private bool TryQueueLocked(SegmentBuffer segment)
    {
        if (segment.Length > _layout.CapacityBytes
            || (_queuedBytes > 0 && _queuedBytes + segment.Length > _options.QueueBytes)
            || _writePause.IsOn
            || !segment.TryInspect())
        {
            return false;
        }

        if (!_queue.Writer.TryWrite(segment))
        {
            segment.Release();
            return false;
        }

        _queued.Add(segment.Digest);
        _queuedBytes += segment.Length;
        return true;
    }

    private async Task WriteQueuedAsync()
    {
        await foreach (var segment in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var isWritten = TryWrite(segment);
            lock (_gate)
            {
                _queued.Remove(segment.Digest);
                _queuedBytes -= segment.Length;
                _dropped += isWritten ? 0 : 1;
            }

            segment.Release();
        }
    }

    private bool TryWrite(SegmentBuffer segment)
    {
        try
        {
            return !_writePause.IsOn && Write(segment);
        }
        catch (Exception error) when (IsOfDevice(error))
        {
            lock (_gate)
            {
                _errors++;
            }

            var pause = _writePause.Begin();
            Report($"The disk cache could not be written, and is not for the next {pause.TotalSeconds:0} s", error);
            return false;
        }
    }

    private bool Write(SegmentBuffer segment)
    {
        var units = _layout.UnitsFor(segment.Length);
        if (MakeRoom(units) is not { } unit)
        {
            return false;
        }

        // In this order: an entry never speaks of bytes that a killed process has not written, nor of what they
        // replaced. Whatever order a power cut leaves, the digest tells.
        Span<byte> entries = new byte[units * DiskCacheEntry.SizeBytes];
        _file.Write(_layout.EntryOffsetOf(unit), entries);
        var offset = _layout.OffsetOf(unit);
        _file.Write(offset, segment.Span);
        new DiskCacheEntry(segment.Digest, segment.Length, _sequence).Write(entries);
        _file.Write(_layout.EntryOffsetOf(unit), entries[..DiskCacheEntry.SizeBytes]);
        _writePause.End();
        ForgetWritten(offset, segment.Length);
        Add(segment, unit, units);
        return true;
    }

    private int? MakeRoom(int units)
    {
        lock (_gate)
        {
            return _table.MakeRoom(units);
        }
    }

    private void Add(SegmentBuffer segment, int unit, int units)
    {
        lock (_gate)
        {
            _table.Add(new DiskCacheSlot(segment.Digest, segment.Length, unit, units) { Resident = segment });
            _sequence++;
            _writes++;
            _bytesWritten += segment.Length;
        }
    }

    /// <summary>
    /// The bytes are in the memory cache: the system need not keep them too. Its first advice only begins to write
    /// them, so each is advised of once more when the next one comes.
    /// </summary>
    private void ForgetWritten(long offset, int length)
    {
        _file.Forget(offset, length);
        _file.Forget(_lastWritten.Offset, _lastWritten.Length);
        _lastWritten = (offset, length);
    }
}
