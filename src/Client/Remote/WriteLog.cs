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

    /// <summary>A flush has made writes durable.</summary>
    public void Flushed(LoggedWrite[] writes)
    {
        lock (_gate)
        {
            var durable = writes.ToHashSet();
            for (var node = _writes.First; node is not null;)
            {
                (var write, var next) = (node.Value, node.Next);
                if (durable.Contains(write))
                {
                    _writes.Remove(node);
                    Free(write);
                }

                node = next;
            }

            Signal();
        }
    }

    /// <summary>All writes, in their order; their bytes stay until each is given to <see cref="Unpin"/>.</summary>
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

    /// <summary>A write is done with; its bytes go if it has left the log.</summary>
    public void Unpin(LoggedWrite write)
    {
        lock (_gate)
        {
            if (--write.Pins == 0 && write.IsDropped)
            {
                write.Free();
            }
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

    private void Free(LoggedWrite write)
    {
        _bytes -= write.Cost;
        write.IsDropped = true;
        if (write.Pins == 0)
        {
            write.Free();
        }
    }

    private void Signal()
    {
        var signal = _changed;
        _changed = NewSignal();
        signal.TrySetResult();
    }
}
