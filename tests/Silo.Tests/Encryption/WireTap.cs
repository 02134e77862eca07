using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Silo.Tests.Encryption;

/// <summary>Relays TCP connections to another port and keeps all that passes.</summary>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly IPEndPoint _target;
    private readonly MemoryStream _captured = new();
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _relays = [];
    private readonly Task _accepting;

    /// <param name="address">Where to listen.</param>
    /// <param name="target">Where what comes goes to.</param>
    public WireTap(IPEndPoint address, IPEndPoint target)
    {
        _listener = new TcpListener(address);
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>All bytes that have passed so far, those of all directions mixed.</summary>
    public byte[] Captured
    {
        get
        {
            lock (_gate)
            {
                return _captured.ToArray();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_relays);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // Nobody is to come any more.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(_target, _stop.Token);
            await Task.WhenAll(
                CopyAsync(near.GetStream(), far), CopyAsync(far.GetStream(), near));
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // One end is gone, and the other soon will be.
        }
    }

    /// <summary>Keeps a direction's bytes together where they came together.</summary>
    private async Task CopyAsync(NetworkStream from, TcpClient to)
    {
        var piece = new byte[64 << 10];
        for (int length; (length = await from.ReadAsync(piece, _stop.Token)) > 0;)
        {
            lock (_gate)
            {
                _captured.Write(piece, 0, length);
            }

            await to.GetStream().WriteAsync(piece.AsMemory(0, length), _stop.Token);
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }
}
