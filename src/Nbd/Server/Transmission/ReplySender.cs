namespace SnapshotGrains.Nbd;

/// <summary>
/// Sends the replies of a connection. One thread at a time has the sending role: the connection's thread for replies
/// that were ready at once, or whichever thread completed a late request. The latter never waits for the peer: what
/// does not fit into the socket at once is left to a sender thread of the connection, started when first needed.
/// </summary>
internal sealed class ReplySender : IDisposable
{
    private readonly object _gate = new();
    private readonly NbdTransport _transport;
    private readonly InFlight _inFlight;
    private readonly ReplyBatch _late;
    private readonly string _name;
    private readonly Queue<PendingRequest> _completed = new();
    private readonly List<PendingRequest> _sending = [];
    private PendingRequest? _free;
    private Thread? _thread;
    private bool _busy;
    private bool _handedOver;
    private bool _closed;
    private volatile bool _failed;

    public ReplySender(NbdTransport transport, InFlight inFlight, ReplyBatch late, string name)
    {
        _transport = transport;
        _inFlight = inFlight;
        _late = late;
        _name = name;
    }

    /// <summary>True when the peer is gone; replies are dropped.</summary>
    public bool Failed => _failed;

    /// <summary>Sends and empties a batch; the connection's thread may wait here for the peer.</summary>
    public void Send(ReplyBatch batch)
    {
        lock (_gate)
        {
            while (_busy)
            {
                Monitor.Wait(_gate);
            }

            _busy = true;
        }

        SendWaiting(batch);
        SendCompleted();
    }

    /// <summary>Takes a request whose late operation ended. Any thread; does not wait for the peer.</summary>
    public void Complete(PendingRequest request)
    {
        lock (_gate)
        {
            _completed.Enqueue(request);
            if (_busy)
            {
                return;
            }

            _busy = true;
        }

        while (TakeCompleted())
        {
            if (!TrySend(_late))
            {
                if (HandOver())
                {
                    return;
                }

                GiveUp();
            }

            Finish();
        }
    }

    /// <summary>Takes a free request object, or null if there is none.</summary>
    public PendingRequest? TakeFree()
    {
        lock (_gate)
        {
            var request = _free;
            _free = request?.NextFree;
            return request;
        }
    }

    /// <summary>Drops all replies from now on; afterwards the transport is not used any more.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _failed = true;
            while (_busy)
            {
                Monitor.Wait(_gate);
            }

            _closed = true;
            Monitor.PulseAll(_gate);
            thread = _thread;
        }

        thread?.Join();
    }

    private bool TakeCompleted()
    {
        lock (_gate)
        {
            if (_completed.Count == 0)
            {
                _busy = false;
                Monitor.PulseAll(_gate);
                return false;
            }

            while (!_late.IsFull && _completed.TryDequeue(out var request))
            {
                _sending.Add(request);
                _late.Add(request);
            }

            return true;
        }
    }

    private void SendCompleted()
    {
        while (TakeCompleted())
        {
            SendWaiting(_late);
            Finish();
        }
    }

    private void SendWaiting(ReplyBatch batch)
    {
        try
        {
            if (!_failed)
            {
                _transport.Send(batch.Vectors);
            }
        }
        catch (Exception e)
        {
            // TLS has errors of its own; whichever it is, no reply can be sent any more.
            GC.KeepAlive(e);
            GiveUp();
        }
        finally
        {
            batch.Release();
        }
    }

    private bool TrySend(ReplyBatch batch)
    {
        try
        {
            return _failed || (_transport.CanTrySend && _transport.TrySend(batch.Vectors));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            GiveUp();
            return true;
        }
    }

    /// <summary>Wakes the connection's thread, which then ends the connection.</summary>
    private void GiveUp()
    {
        _failed = true;
        _transport.Abort();
    }

    private void Finish()
    {
        _late.Release();
        foreach (var request in _sending)
        {
            request.ReturnPayload();
            var charged = request.ChargedBytes;
            lock (_gate)
            {
                request.NextFree = _free;
                _free = request;
            }

            _inFlight.Remove(charged);
        }

        _sending.Clear();
    }

    /// <summary>Leaves the batch to the sender thread. False: there is none to be had.</summary>
    private bool HandOver()
    {
        lock (_gate)
        {
            _thread ??= TryStartThread();
            if (_thread is null)
            {
                return false;
            }

            _handedOver = true;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    private Thread? TryStartThread()
    {
        try
        {
            var thread = new Thread(RunThread, 256 * 1024) { IsBackground = true, Name = _name };
            thread.Start();
            return thread;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // The system has no thread left: it costs this connection, not the thread that completed a request.
            GC.KeepAlive(e);
            return null;
        }
    }

    private void RunThread()
    {
        while (WaitForWork())
        {
            SendWaiting(_late);
            Finish();
            SendCompleted();
        }
    }

    private bool WaitForWork()
    {
        lock (_gate)
        {
            while (!_handedOver && !_closed)
            {
                Monitor.Wait(_gate);
            }

            var work = _handedOver;
            _handedOver = false;
            return work;
        }
    }
}
