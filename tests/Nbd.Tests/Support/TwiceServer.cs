using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>
/// A server that answers its first request, a read, twice: with "a" everywhere, then with "b". Later ones it ignores.
/// </summary>
internal sealed class TwiceServer : IDisposable
{
    public const int ReadBytes = 64;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TwiceServer()
    {
        _listener.Start();
        Served = Task.Run(Serve);
    }

    public EndPoint Endpoint => _listener.LocalEndpoint;

    /// <summary>Completes when the client has gone.</summary>
    public Task Served { get; }

    public void Dispose() => _listener.Dispose();

    private void Serve()
    {
        using var socket = _listener.AcceptSocket();
        socket.ReceiveTimeout = socket.SendTimeout = 10_000;
        using var stream = new NetworkStream(socket);
        PlainGreeting.Serve(stream);
        var cookie = PlainGreeting.Read(stream, 28)[8..16];
        stream.Write(NbdPeer.Join(Answer(cookie, 'a'), Answer(cookie, 'b')));
        var rest = new byte[ReadBytes];
        try
        {
            while (stream.Read(rest) > 0)
            {
            }
        }
        catch (IOException e) when (
            e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // A reset is a way of going, too.
        }
    }

    private static byte[] Answer(byte[] cookie, char content) => NbdPeer.Join(
        NbdPeer.U32(0x67446698), NbdPeer.U32(0), cookie, Enumerable.Repeat((byte)content, ReadBytes).ToArray());
}
