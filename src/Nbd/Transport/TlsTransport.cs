using System.Net.Security;
using System.Net.Sockets;

namespace SnapshotGrains.Nbd;

/// <summary>TLS over a socket. Replies are copied together, because each write becomes a TLS record.</summary>
internal sealed class TlsTransport : NbdTransport
{
    private const int RecordBytes = 16 * 1024;
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    private readonly SocketTransport _inner;
    private readonly SslStream _stream;
    private readonly byte[] _record = new byte[RecordBytes];

    private TlsTransport(SocketTransport inner, SslStream stream)
    {
        _inner = inner;
        _stream = stream;
    }

    /// <summary>Does the handshake as the server; the caller's deadline aborts the socket.</summary>
    public static TlsTransport AuthenticateAsServer(SocketTransport inner, SslServerAuthenticationOptions options)
    {
        var stream = new SslStream(new NetworkStream(inner.Socket, ownsSocket: false));
        try
        {
            stream.AuthenticateAsServer(options);
            return new TlsTransport(inner, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override int Receive(Span<byte> buffer) => _stream.Read(buffer);

    public override unsafe void Send(Span<IoVector> vectors)
    {
        var used = 0;
        foreach (var vector in vectors)
        {
            var rest = new ReadOnlySpan<byte>((void*)vector.Start, (int)vector.Length);
            while (!rest.IsEmpty)
            {
                var part = rest[..Math.Min(rest.Length, RecordBytes - used)];
                part.CopyTo(_record.AsSpan(used));
                used += part.Length;
                rest = rest[part.Length..];
                used = used == RecordBytes ? Write(used) : used;
            }
        }

        Write(used);
    }

    public override void Close()
    {
        // A peer that takes nothing more must not hold the connection's thread.
        var goodbye = _stream.ShutdownAsync();
        if (Task.WaitAny([goodbye], GoodbyeTimeout) < 0)
        {
            _inner.Abort();
            Task.WaitAny([goodbye], GoodbyeTimeout);
        }

        if (goodbye.IsCompleted)
        {
            goodbye.GetAwaiter().GetResult();
        }
    }

    public override void StopReceiving() => _inner.StopReceiving();

    public override void Abort() => _inner.Abort();

    public override void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        finally
        {
            _inner.Dispose();
        }
    }

    private int Write(int used)
    {
        if (used > 0)
        {
            _stream.Write(_record, 0, used);
        }

        return 0;
    }
}
