using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Nbd;

/// <summary>A bound address and the loop that accepts on it.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;
    private const int KeepAliveIdleSeconds = 60;
    private const int KeepAliveIntervalSeconds = 10;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly string? _path;
    private readonly NbdServerOptions _options;

    private Listener(Socket socket, EndPoint endpoint, string? path, NbdServerOptions options)
    {
        _socket = socket;
        _path = path;
        _options = options;
        EndPoint = endpoint;
    }

    /// <summary>The address, with the real port.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Binds and listens.</summary>
    /// <exception cref="IOException">The address is not to be had.</exception>
    public static Listener Bind(EndPoint endpoint, NbdServerOptions options)
    {
        var path = endpoint is UnixDomainSocketEndPoint ? endpoint.ToString() : null;
        if (path is not null)
        {
            UnixSocketFile.Prepare(path);
        }

        var protocol = path is null ? ProtocolType.Tcp : ProtocolType.Unspecified;
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, protocol);
        try
        {
            socket.Bind(endpoint);
            if (path is not null && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, options.UnixSocketMode);
            }

            socket.Listen(Backlog);
            return new Listener(socket, socket.LocalEndPoint ?? endpoint, path, options);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"Listening on {endpoint} failed: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Accepts until cancelled; an error costs one connection, not the server.</summary>
    public async Task AcceptAsync(Action<Socket, string> onAccepted, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(ct).ConfigureAwait(false);
                Accepted(socket, onAccepted);
            }
            catch (Exception e)
            {
                // Also when there is no memory for a thread: those who are connected must not lose the server.
                await RestAsync(e, ct).ConfigureAwait(false);
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (_path is not null)
        {
            UnixSocketFile.Remove(_path);
        }
    }

    private void Accepted(Socket socket, Action<Socket, string> onAccepted)
    {
        try
        {
            Configure(socket);
            onAccepted(socket, _path is null ? socket.RemoteEndPoint?.ToString() ?? "" : "");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Configure(Socket socket)
    {
        socket.SendTimeout = (int)_options.SendTimeout.TotalMilliseconds;
        if (_path is null)
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveIdleSeconds);
            socket.SetSocketOption(
                SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        }
    }

    /// <summary>Too many open files and the like pass; trying at once again would only burn a core.</summary>
    private async Task RestAsync(Exception error, CancellationToken ct)
    {
        if (!ct.IsCancellationRequested)
        {
            _options.Events?.AcceptFailed(EndPoint, error);
            await Task.Delay(RetryDelay, _options.TimeProvider, ct)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
