using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The writes of a disk that are not known to be durable, in the order that they were made in. If the disk's home dies,
/// they are done again, so that a guest never loses what it was told was written while it runs itself. Writes that
/// overlap are let through one after the other: only then is the order here the order there. Thread-safe.
/// </summary>
/// <remarks>As clients of NFS keep unstable writes until they are committed (RFC 8881, section 18.32).</remarks>
/// <param name="maxBytes">Most bytes that are kept; further writes wait for a flush.</param>
internal sealed class WriteLog(long maxBytes) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<LoggedWrite> _writes = new();
    private readonly List<LoggedWrite> _inFlight = [];
    private TaskCompletionSource _changed = NewSignal();
    private long _bytes;

    /// <summary>Whether it is time to flush.</summary>
    public bool IsHalfFull => Volatile.Read(ref _bytes) > maxBytes / 2;

    /// <summary>Adds a write, when there is room and nothing under way overlaps it; copies its bytes.</summary>
    public async ValueTask<LoggedWrite> AddAsync(
        WriteKind kind, long offset, long length, ReadOnlyMemory<byte> data, bool isDurable,
        CancellationToken cancellationToken)
    {
        NativeBuffer? copy = null;
        if (kind == WriteKind.Data)
        {
            copy = NativeBufferPool.Shared.Rent(data.Length);
            data.Span.CopyTo(copy.GetSpan());
        }

        var write = new LoggedWrite(kind, offset, length, copy, isDurable);
        try
        {
            while (TryAdd(write) is { } blocked)
            {
                await blocked.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            return write;
        }
        catch
        {
            write.Free();
            throw;
        }
    }

    /// <summary>A write was done; it stays until a flush has made it durable.</summary>
    public void Acknowledge(LoggedWrite write)
    {
        lock (_gate)
        {
            write.IsAcknowledged = true;
            _inFlight.Remove(write);
            Signal();
        }
    }

    /// <summary>A write failed, and its writer knows.</summary>
    public void Forget(LoggedWrite write)
    {
        lock (_gate)
        {
            _inFlight.Remove(write);
            if (_writes.Remove(write))
            {
                Free(write);
            }

            Signal();
        }
    }

    /// <summary>What a flush that is sent now makes durable.</summary>
    public LoggedWrite[] Acknowledged()
    {
        lock (_gate)
        {
            return [.. _writes.Where(write => write.IsAcknowledged)];
        }
    }

    /// <summary>
    /// A flush has made writes durable. One that is just being made again stays until all are: an older one may lie
    /// over it meanwhile.
    /// </summary>
    public void Flushed(LoggedWrite[] writes)
    {
        lock (_gate)
        {
            Array.ForEach(writes, write => write.IsFlushed = true);
            DropFlushed();
            Signal();
        }
    }

    /// <summary>All writes, in their order, to be made again; they stay until <see cref="Unpin"/>.</summary>
    public LoggedWrite[] Pin()
    {
        lock (_gate)
        {
            foreach (var write in _writes)
            {
                write.Pins++;
            }

            return [.. _writes];
        }
    }

    /// <summary>Writes are done with.</summary>
    /// <param name="writes">The writes, as they were pinned.</param>
    /// <param name="isDone">Whether all of them were made again; else they are to be, once more.</param>
    public void Unpin(LoggedWrite[] writes, bool isDone)
    {
        lock (_gate)
        {
            Array.ForEach(writes, write => Release(write, isDone));
            DropFlushed();
            Signal();
        }
    }

    /// <summary>Gives the copies back; nothing is under way any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var write in _writes)
            {
                Free(write);
            }

            _writes.Clear();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null when it was added, else what to wait for. One that is too large alone goes alone.</summary>
    private Task? TryAdd(LoggedWrite write)
    {
        lock (_gate)
        {
            if ((_bytes > 0 && _bytes + write.Cost > maxBytes) || _inFlight.Exists(write.Overlaps))
            {
                return _changed.Task;
            }

            _writes.AddLast(write);
            _inFlight.Add(write);
            _bytes += write.Cost;
            return null;
        }
    }

    private static void Release(LoggedWrite write, bool isDone)
    {
        write.Pins--;
        write.IsFlushed &= isDone;
        FreeIfUnused(write);
    }

    private static void FreeIfUnused(LoggedWrite write)
    {
        if (write is { Pins: 0, IsDropped: true })
        {
            write.Free();
        }
    }

    private void DropFlushed()
    {
        for (var node = _writes.First; node is not null;)
        {
            (var write, var next) = (node.Value, node.Next);
            if (write is { Pins: 0, IsFlushed: true })
            {
                _writes.Remove(node);
                Free(write);
            }

            node = next;
        }
    }

    private void Free(LoggedWrite write)
    {
        _bytes -= write.Cost;
        write.IsDropped = true;
        FreeIfUnused(write);
    }

    private void Signal()
    {
        var signal = _changed;
        _changed = NewSignal();
        signal.TrySetResult();
    }
}
