using System.Net.Sockets;

namespace SnapshotGrains.Nbd;

/// <summary>One connection: a thread of its own with a blocking socket, from the greeting to the end.</summary>
internal sealed class NbdConnection
{
    private const int ReceiveBufferBytes = NbdLimits.MaxOptionBytes + 4096;

    private readonly ServerContext _server;
    private readonly SocketTransport _socket;
    private readonly ReceiveBuffer _buffer;
    private readonly CancellationTokenSource _ends = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Handshaker _handshaker;
    private readonly Action<NbdConnection> _onClosed;
    private readonly object _gate = new();
    private TransmissionSession? _session;
    private RequestLoop? _loop;
    private bool _stopping;
    private bool _timedOut;
    private bool _negotiated;

    public NbdConnection(ServerContext server, Socket socket, NbdConnectionInfo info, Action<NbdConnection> onClosed)
    {
        _onClosed = onClosed;
        _server = server;
        _socket = SocketTransport.Create(socket, server.Options.PollTime);
        _buffer = new ReceiveBuffer(_socket, ReceiveBufferBytes);
        _handshaker = new Handshaker(server, info, _socket, _buffer, _ends.Token);
        Info = info;
    }

    public NbdConnectionInfo Info { get; }

    /// <summary>Completes when the connection is closed and its thread is about to end. Never fails.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The transmission phase, once it was entered.</summary>
    public TransmissionSession? Session => Volatile.Read(ref _session);

    private INbdServerEvents? Events => _server.Options.Events;

    public void Start()
    {
        var name = $"nbd-{Info.Id}";
        new Thread(RunThread, _server.Options.ThreadStackBytes) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Ends the connection when the requests in flight are answered.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            _handshaker.Stop();
            _loop?.Stop();
            _socket.StopReceiving();
        }
    }

    /// <summary>Ends the connection now: what is in flight is cancelled.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            _stopping = true;
        }

        Cancel();
        _socket.Abort();
        Session?.InFlight.Abort();
    }

    private void RunThread()
    {
        Events?.ConnectionOpened(Info);
        var (reason, error) = RunToEnd();
        Attempt(_buffer.Transport.Dispose);
        _onClosed(this);
        Events?.ConnectionClosed(Info, reason, error);
        _completion.TrySetResult();
    }

    private (NbdCloseReason Reason, Exception? Error) RunToEnd()
    {
        (NbdCloseReason, Exception?) end;
        var served = false;
        try
        {
            end = (Serve(), null);
            served = true;
        }
        catch (Exception e)
        {
            end = Explain(e);
        }

        try
        {
            EndSession(served);
            return end;
        }
        catch (Exception e)
        {
            // An exception that left the thread would end the process with all its other connections.
            return (NbdCloseReason.InternalError, e);
        }
    }

    private NbdCloseReason Serve()
    {
        var negotiated = Negotiate();
        var session = new TransmissionSession(negotiated, _buffer.Transport, _server.Options, Info, _ends.Token);
        lock (_gate)
        {
            Volatile.Write(ref _session, session);
            _loop = new RequestLoop(session, _buffer, _ends.Token);
            if (_stopping)
            {
                _loop.Stop();
            }
        }

        Events?.ExportEntered(Info, session.Export.Info);
        using var withdrawal = session.Export.Withdrawn.Register(Stop);
        var reason = _loop.Run();
        return reason == NbdCloseReason.ConnectionLost && _stopping ? NbdCloseReason.ServerStopping : reason;
    }

    private NegotiatedExport Negotiate()
    {
        var options = _server.Options;
        using var deadline = options.TimeProvider.CreateTimer(
            static state => ((NbdConnection)state!).OnHandshakeTimeout(), this,
            options.HandshakeTimeout, Timeout.InfiniteTimeSpan);
        var negotiated = _handshaker.Run();
        lock (_gate)
        {
            // From here on the deadline has no effect, even if its callback is running already.
            _negotiated = true;
        }

        return negotiated;
    }

    private void OnHandshakeTimeout()
    {
        lock (_gate)
        {
            if (_negotiated)
            {
                return;
            }

            _timedOut = true;
        }

        Cancel();
        _socket.Abort();
    }

    private (NbdCloseReason Reason, Exception? Error) Explain(Exception e) => e switch
    {
        _ when _timedOut => (NbdCloseReason.HandshakeTimeout, null),
        HandshakeEndedException ended => (ended.Reason, ended.InnerException),
        NbdProtocolException => (NbdCloseReason.ProtocolViolation, e),
        _ when _stopping => (NbdCloseReason.ServerStopping, null),
        IOException => (NbdCloseReason.ConnectionLost, e),
        _ => (NbdCloseReason.InternalError, e),
    };

    /// <summary>Lets requests in flight end, then closes the export; neither may hold the thread for ever.</summary>
    private void EndSession(bool served)
    {
        if (Session is not { } session)
        {
            return;
        }

        try
        {
            Drain(session, served);
        }
        finally
        {
            session.Sender.Dispose();
            _server.Background.DisposeAfter(session.Export, session.InFlight.WhenIdle());
        }
    }

    private void Drain(TransmissionSession session, bool served)
    {
        if (session.Sender.Failed)
        {
            // Nobody is left to answer.
            Cancel();
        }

        if (_ends.IsCancellationRequested)
        {
            session.InFlight.Abort();
        }

        if (!session.InFlight.WaitIdle(_server.Options.DrainTimeout))
        {
            Cancel();
            _socket.Abort();
        }
        else if (served && !session.Sender.Failed)
        {
            // After a failure the stream is in no state that a goodbye could be said in.
            Attempt(_buffer.Transport.Close);
        }
    }

    /// <summary>Cancels what the export still does; its callbacks run here, and theirs is not our failure.</summary>
    private void Cancel() => Attempt(_ends.Cancel);

    /// <summary>Does a step of the end; the steps after it matter more than whether it fails.</summary>
    private static void Attempt(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e)
        {
            // A TLS stream that met a corrupt record throws cryptographic errors, a back end's callback anything:
            // there is nobody left to tell, and the connection ends either way.
            GC.KeepAlive(e);
        }
    }
}
