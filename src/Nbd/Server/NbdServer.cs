using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Serves exports over NBD on TCP addresses and Unix sockets. Each connection has a thread with a blocking socket:
/// a request that the export answers at once costs two system calls and no hop between threads.
/// </summary>
public sealed class NbdServer : IAsyncDisposable
{
    private readonly ServerContext _context;
    private readonly ServerTotals _totals = new();
    private readonly ConcurrentDictionary<long, NbdConnection> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Listener> _listeners = [];
    private readonly List<Task> _acceptLoops = [];
    private readonly object _gate = new();
    private Task? _stopped;
    private bool _started;
    private long _lastId;
    private int _open;

    /// <summary>Creates a server; it does nothing until <see cref="Start"/>.</summary>
    /// <param name="provider">Finds exports; not disposed by the server.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NbdServer(INbdExportProvider provider, NbdServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(provider);
        options.Validate();
        _context = new ServerContext(provider, options, new BackgroundWork());
    }

    /// <summary>The addresses in use, in the order of the options, with real ports; empty before the start.</summary>
    public IReadOnlyList<EndPoint> Endpoints => _listeners.ConvertAll(l => l.EndPoint);

    private NbdServerOptions Options => _context.Options;

    /// <summary>Binds every address, then begins to accept.</summary>
    /// <exception cref="IOException">An address is not to be had; none is bound then.</exception>
    /// <exception cref="InvalidOperationException">Started before.</exception>
    public void Start()
    {
        lock (_gate)
        {
            if (_started)
            {
                throw new InvalidOperationException("The server was started before; create another one.");
            }

            _started = true;
            Bind();
        }

        foreach (var listener in _listeners)
        {
            Options.Events?.Listening(listener.EndPoint);
            var address = listener.EndPoint.ToString() ?? "";
            _acceptLoops.Add(listener.AcceptAsync((socket, peer) => OnAccepted(socket, address, peer), _stop.Token));
        }
    }

    /// <summary>
    /// Stops accepting, lets requests in flight end (at most DrainTimeout, or until <paramref name="ct"/>), then cuts
    /// what is left. Completes when every connection is closed.
    /// </summary>
    public Task StopAsync(CancellationToken ct = default)
    {
        lock (_gate)
        {
            return _stopped ??= StopOnceAsync(ct);
        }
    }

    /// <summary>Takes a copy of the counters.</summary>
    public NbdServerStatistics GetStatistics() =>
        _totals.Snapshot(_connections.Select(c => c.Value), Volatile.Read(ref _open));

    /// <inheritdoc cref="StopAsync"/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private void Bind()
    {
        try
        {
            foreach (var endpoint in Options.Endpoints)
            {
                _listeners.Add(Listener.Bind(endpoint, Options));
            }
        }
        catch
        {
            CloseListeners();
            _listeners.Clear();
            throw;
        }
    }

    private void OnAccepted(Socket socket, string listener, string peer)
    {
        var info = new NbdConnectionInfo(Interlocked.Increment(ref _lastId), listener, peer);
        if (Interlocked.Increment(ref _open) > Options.MaxConnections)
        {
            Interlocked.Decrement(ref _open);
            _totals.CountRefused();
            socket.Dispose();
            Options.Events?.ConnectionRefused(info, Options.MaxConnections);
            return;
        }

        var connection = Prepare(socket, info);
        _totals.CountAccepted();
        _connections[info.Id] = connection;
        try
        {
            connection.Start();
        }
        catch
        {
            // Without a thread nothing else would ever take it off the list.
            OnClosed(connection);
            throw;
        }
    }

    private NbdConnection Prepare(Socket socket, NbdConnectionInfo info)
    {
        try
        {
            return new NbdConnection(_context, socket, info, OnClosed);
        }
        catch
        {
            Interlocked.Decrement(ref _open);
            throw;
        }
    }

    private void OnClosed(NbdConnection connection)
    {
        _totals.Close(connection, () => _connections.TryRemove(connection.Info.Id, out _));
        Interlocked.Decrement(ref _open);
    }

    private async Task StopOnceAsync(CancellationToken ct)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        CloseListeners();
        await Task.WhenAll(_acceptLoops).ConfigureAwait(false);
        var open = _connections.Values.ToArray();
        Array.ForEach(open, c => c.Stop());
        var closed = Task.WhenAll(open.Select(c => c.Completion));
        try
        {
            await closed.WaitAsync(Options.DrainTimeout, Options.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Array.ForEach(open, c => c.Abort());
            await closed.ConfigureAwait(false);
        }

        await _context.Background.WhenDoneAsync(Options.DrainTimeout, Options.TimeProvider).ConfigureAwait(false);
    }

    private void CloseListeners() => _listeners.ForEach(l => l.Dispose());
}
