namespace SnapshotGrains.Nbd;

/// <summary>
/// The transmission phase on the connection's thread: takes all requests that one receive brought, starts each, and
/// sends the replies that were ready at once together.
/// </summary>
internal sealed class RequestLoop
{
    private readonly ReceiveBuffer _buffer;
    private readonly INbdExport _export;
    private readonly RequestRules _rules;
    private readonly RequestFailures _failures;
    private readonly InFlight _inFlight;
    private readonly ReplySender _sender;
    private readonly ReplyBatch _batch;
    private readonly ConnectionCounters _counters;
    private readonly CancellationToken _ct;
    private PendingRequest _current;
    private volatile bool _stopping;

    public RequestLoop(TransmissionSession session, ReceiveBuffer buffer, CancellationToken ct)
    {
        _buffer = buffer;
        _export = session.Export;
        _rules = session.Rules;
        _failures = session.Failures;
        _inFlight = session.InFlight;
        _sender = session.Sender;
        _batch = session.Batch;
        _counters = session.Counters;
        _ct = ct;
        _current = new PendingRequest(_sender, _failures);
    }

    /// <summary>Refuses further requests and ends the loop once the input that has come is used up.</summary>
    public void Stop() => _stopping = true;

    /// <summary>Serves until the connection ends; requests may still be in flight then.</summary>
    /// <exception cref="NbdProtocolException">The byte stream cannot be trusted any more.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public NbdCloseReason Run()
    {
        while (true)
        {
            var end = ServeAvailable();
            Flush();
            if (end is not null)
            {
                return end.Value;
            }

            if (_stopping)
            {
                return NbdCloseReason.ServerStopping;
            }

            if (!_buffer.Fill())
            {
                return _stopping ? NbdCloseReason.ServerStopping : NbdCloseReason.ConnectionLost;
            }
        }
    }

    private NbdCloseReason? ServeAvailable()
    {
        ParseStatus status;
        while ((status = RequestReader.TryRead(_buffer.Available, out var request)) == ParseStatus.Ok)
        {
            _buffer.Consume(RequestHeader.Bytes);
            _counters.CountRequest(request.Command);
            if (request.Command == NbdCommand.Disconnect)
            {
                return NbdCloseReason.ClientDisconnected;
            }

            if (!Serve(request))
            {
                return NbdCloseReason.ConnectionLost;
            }

            if (_batch.IsFull)
            {
                Flush();
            }
        }

        if (status == ParseStatus.BadMagic)
        {
            Flush();
            throw new NbdProtocolException("A request does not start with the magic number 0x25609513.");
        }

        return null;
    }

    /// <summary>Serves one request. False: the input ended inside it, or the connection is being torn down.</summary>
    private bool Serve(in RequestHeader request)
    {
        var (error, message) = _stopping
            ? (NbdError.Shutdown, "The server is stopping.")
            : _rules.Check(request);
        if (error != NbdError.None)
        {
            return Refuse(request, error, message);
        }

        var pending = _current;
        pending.Begin(request);
        if (!_inFlight.HasRoom(pending.ChargedBytes))
        {
            Flush();
            if (!_inFlight.WaitForRoom(pending.ChargedBytes))
            {
                return false;
            }
        }

        if (request.Command == NbdCommand.Write && !ReceivePayload(pending))
        {
            return false;
        }

        Execute(pending);
        return true;
    }

    private bool Refuse(in RequestHeader request, NbdError error, string message)
    {
        if (request.Command == NbdCommand.Write && !SkipPayload(request.Length))
        {
            return false;
        }

        _batch.AddError(request, error, message);
        return true;
    }

    private bool SkipPayload(uint length)
    {
        if (length > NbdLimits.MaxDrainedPayloadBytes)
        {
            Flush();
            throw new NbdProtocolException(
                $"A refused write carries {length} bytes; {NbdLimits.MaxDrainedPayloadBytes} would be skipped.");
        }

        FlushBeforeWaiting(length);
        return _buffer.Skip(length);
    }

    private bool ReceivePayload(PendingRequest pending)
    {
        FlushBeforeWaiting(pending.Header.Length);
        if (!_buffer.Read(pending.RentPayload()))
        {
            pending.ReturnPayload();
            return false;
        }

        _counters.CountWritten(pending.Header.Length);
        return true;
    }

    /// <summary>The client may wait for replies before it sends more: none may stay here while we wait.</summary>
    private void FlushBeforeWaiting(uint needed)
    {
        if (_buffer.Available.Length < needed)
        {
            Flush();
        }
    }

    private void Execute(PendingRequest pending)
    {
        ValueTask operation;
        try
        {
            operation = Start(pending);
        }
        catch (Exception e)
        {
            operation = default;
            pending.Fail(e);
        }

        if (operation.IsCompleted)
        {
            if (pending.Error == NbdError.None)
            {
                pending.Settle(operation);
            }

            pending.ReturnPayload();
            _batch.Add(pending);
            return;
        }

        _inFlight.Add(pending.ChargedBytes);
        _current = _sender.TakeFree() ?? new PendingRequest(_sender, _failures);
        pending.ReplyLater(operation);
    }

    private ValueTask Start(PendingRequest pending)
    {
        var header = pending.Header;
        var offset = (long)header.Offset;
        if (header.Command == NbdCommand.Read)
        {
            pending.Read.Reset(offset, (int)header.Length);
            return _export.ReadAsync(pending.Read, _ct);
        }

        var fua = (header.Flags & NbdCommandFlags.Fua) != 0;
        return header.Command switch
        {
            NbdCommand.Write => _export.WriteAsync(offset, pending.Payload, fua, _ct),
            NbdCommand.Flush => _export.FlushAsync(_ct),
            NbdCommand.Trim => _export.TrimAsync(offset, header.Length, fua, _ct),
            NbdCommand.Cache => _export.CacheAsync(offset, header.Length, _ct),
            NbdCommand.WriteZeroes => _export.WriteZeroesAsync(offset, header.Length, ZeroFlags(header.Flags), _ct),
            _ => StartBlockStatus(pending, offset, header),
        };
    }

    private ValueTask StartBlockStatus(PendingRequest pending, long offset, in RequestHeader header)
    {
        var one = (header.Flags & NbdCommandFlags.RequestOne) != 0;
        pending.Extents.Reset(offset, header.Length, one ? 1 : NbdLimits.MaxExtents);
        return _export.BlockStatusAsync(offset, header.Length, pending.Extents, _ct);
    }

    private static NbdZeroFlags ZeroFlags(NbdCommandFlags flags)
    {
        var zero = (flags & NbdCommandFlags.Fua) != 0 ? NbdZeroFlags.Fua : NbdZeroFlags.None;
        zero |= (flags & NbdCommandFlags.NoHole) != 0 ? NbdZeroFlags.NoHole : NbdZeroFlags.None;
        return zero | ((flags & NbdCommandFlags.FastZero) != 0 ? NbdZeroFlags.FastZero : NbdZeroFlags.None);
    }

    private void Flush()
    {
        if (!_batch.IsEmpty)
        {
            _sender.Send(_batch);
        }
    }
}
