using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace SnapshotGrains.Nbd;

/// <summary>A client's byte stream, and the handshake on it.</summary>
internal sealed class ClientConnection : IAsyncDisposable
{
    private const int MaxReplyBytes = 64 * 1024 * 1024;

    private readonly ByteWriter _writer = new();

    private ClientConnection(Stream stream)
    {
        Stream = stream;
    }

    public Stream Stream { get; private set; }

    /// <summary>Connects and exchanges greetings and flags.</summary>
    public static async Task<ClientConnection> OpenAsync(NbdUri uri, NbdClientOptions options, CancellationToken ct)
    {
        var connection = new ClientConnection(await ConnectAsync(uri, ct).ConfigureAwait(false));
        try
        {
            await connection.GreetAsync(ct).ConfigureAwait(false);
            if (uri.UseTls)
            {
                await connection.StartTlsAsync(uri, options, ct).ConfigureAwait(false);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends an option and gathers its replies up to the final one.</summary>
    /// <exception cref="NbdException">The server refused it.</exception>
    public async Task<List<(NbdOptionReply Type, byte[] Data)>> AskAsync(
        NbdOption option, Action<ByteWriter>? writeData, CancellationToken ct)
    {
        await SendOptionAsync(option, writeData, ct).ConfigureAwait(false);
        var replies = new List<(NbdOptionReply, byte[])>();
        while (true)
        {
            var (type, data) = await ReadReplyAsync(option, ct).ConfigureAwait(false);
            if ((type & NbdOptionReply.ErrorBit) != 0)
            {
                throw Refused(option, type, data);
            }

            if (type == NbdOptionReply.Ack)
            {
                return replies;
            }

            replies.Add((type, data));
        }
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private static async Task<Stream> ConnectAsync(NbdUri uri, CancellationToken ct)
    {
        var isUnix = uri.SocketPath is not null;
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var connecting = isUnix
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint(uri.SocketPath!), ct)
                : socket.ConnectAsync(uri.Host, uri.Port, ct);
            await connecting.ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new NbdException(NbdError.Io, $"Connecting to {uri} failed: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task GreetAsync(CancellationToken ct)
    {
        var greeting = await ReadAsync(18, ct).ConfigureAwait(false);
        if (BinaryPrimitives.ReadUInt64BigEndian(greeting) != NbdMagic.Init
            || BinaryPrimitives.ReadUInt64BigEndian(greeting.AsSpan(8)) != NbdMagic.Option)
        {
            throw new NbdProtocolException("The peer is not a newstyle NBD server.");
        }

        var flags = (NbdHandshakeFlags)BinaryPrimitives.ReadUInt16BigEndian(greeting.AsSpan(16));
        if ((flags & NbdHandshakeFlags.FixedNewstyle) == 0)
        {
            throw new NbdProtocolException("The server does not support fixed newstyle negotiation.");
        }

        _writer.U32((uint)(flags & NbdHandshakeFlags.All));
        await FlushAsync(ct).ConfigureAwait(false);
    }

    private async Task StartTlsAsync(NbdUri uri, NbdClientOptions options, CancellationToken ct)
    {
        await AskAsync(NbdOption.StartTls, null, ct).ConfigureAwait(false);
        var stream = new SslStream(Stream);
        Stream = stream;
        var tls = options.Tls ?? new SslClientAuthenticationOptions { TargetHost = uri.Host };
        try
        {
            await stream.AuthenticateAsClientAsync(tls, ct).ConfigureAwait(false);
        }
        catch (AuthenticationException e)
        {
            throw new NbdException(NbdError.NotPermitted, $"TLS with {uri} failed: {e.Message}", e);
        }
    }

    private async Task SendOptionAsync(NbdOption option, Action<ByteWriter>? writeData, CancellationToken ct)
    {
        var data = new ByteWriter();
        writeData?.Invoke(data);
        _writer.U64(NbdMagic.Option).U32((uint)option).U32((uint)data.Length).Bytes(data.Written);
        await FlushAsync(ct).ConfigureAwait(false);
    }

    private async Task<(NbdOptionReply Type, byte[] Data)> ReadReplyAsync(NbdOption option, CancellationToken ct)
    {
        var head = await ReadAsync(20, ct).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16));
        if (BinaryPrimitives.ReadUInt64BigEndian(head) != NbdMagic.OptionReply
            || BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(8)) != (uint)option || length > MaxReplyBytes)
        {
            throw new NbdProtocolException($"The reply to option {option} is malformed.");
        }

        var type = (NbdOptionReply)BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(12));
        return (type, await ReadAsync((int)length, ct).ConfigureAwait(false));
    }

    private static NbdException Refused(NbdOption option, NbdOptionReply type, byte[] message)
    {
        var error = type switch
        {
            NbdOptionReply.ErrPolicy or NbdOptionReply.ErrTlsRequired => NbdError.NotPermitted,
            NbdOptionReply.ErrShutdown => NbdError.Shutdown,
            NbdOptionReply.ErrUnsupported => NbdError.NotSupported,
            _ => NbdError.InvalidArgument,
        };
        var text = System.Text.Encoding.UTF8.GetString(message);
        return new NbdException(error, $"The server refused option {option} with {type}: {text}");
    }

    private async Task<byte[]> ReadAsync(int count, CancellationToken ct)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes, ct).ConfigureAwait(false);
        return bytes;
    }

    private async Task FlushAsync(CancellationToken ct)
    {
        var bytes = _writer.Written.ToArray();
        _writer.Clear();
        await Stream.WriteAsync(bytes, ct).ConfigureAwait(false);
    }
}
