using System.Net.Sockets;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>
/// A server on a Unix socket that takes nothing any more after the handshake, and does not hang up: a client's next
/// send fails, and its receiver sees nothing of that.
/// </summary>
internal sealed class DeafServer : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly TaskCompletionSource _deaf = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _end = new();
    private readonly Task _served;

    public DeafServer()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(1);
        _served = Task.Run(Serve);
    }

    public NbdUri Uri => NbdUri.Parse($"nbd+unix:///?socket={Path}");

    /// <summary>Completes when it takes nothing any more.</summary>
    public Task Deaf => _deaf.Task;

    private string Path => System.IO.Path.Combine(_directory.Path, "s");

    public void Dispose()
    {
        _end.Set();
        _listener.Dispose();
        _served.Wait(TimeSpan.FromSeconds(10));
        _end.Dispose();
        _directory.Dispose();
    }

    private void Serve()
    {
        using var socket = _listener.Accept();
        using var stream = new NetworkStream(socket);
        PlainGreeting.Serve(stream);
        socket.Shutdown(SocketShutdown.Receive);
        _deaf.SetResult();
        _end.Wait(TimeSpan.FromSeconds(60));
    }
}
