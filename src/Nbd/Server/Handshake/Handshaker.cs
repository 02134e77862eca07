using System.Net.Sockets;
using System.Security.Authentication;

namespace SnapshotGrains.Nbd;

/// <summary>
/// The handshake on the connection's thread (proto.md, "Fixed newstyle negotiation"). The back end is reached by
/// LIST, INFO, GO and EXPORT_NAME only.
/// </summary>
internal sealed partial class Handshaker
{
    private readonly INbdExportProvider _provider;
    private readonly NbdServerOptions _options;
    private readonly NbdConnectionInfo _connection;
    private readonly BackgroundWork _background;
    private readonly SocketTransport _socket;
    private readonly ReceiveBuffer _buffer;
    private readonly NbdTlsMode _tlsMode;
    private readonly ByteWriter _replies = new();
    private readonly CancellationToken _ct;
    private NbdHandshakeFlags _clientFlags;
    private bool _tls;
    private bool _structuredReplies;
    private string? _metaContextExport;
    private volatile bool _stopping;

    public Handshaker(
        ServerContext server, NbdConnectionInfo connection, SocketTransport socket, ReceiveBuffer buffer,
        CancellationToken ct)
    {
        _provider = server.Provider;
        _options = server.Options;
        _background = server.Background;
        _connection = connection;
        _socket = socket;
        _tlsMode = socket.Socket.AddressFamily == AddressFamily.Unix ? NbdTlsMode.Off : server.Options.TlsMode;
        _buffer = buffer;
        _ct = ct;
    }

    private bool IsFixedNewstyle => (_clientFlags & NbdHandshakeFlags.FixedNewstyle) != 0;

    /// <summary>Answers further options with NBD_REP_ERR_SHUTDOWN.</summary>
    public void Stop() => _stopping = true;

    /// <summary>Talks until the client enters an export.</summary>
    /// <exception cref="HandshakeEndedException">It did not.</exception>
    /// <exception cref="NbdProtocolException">The client broke a rule.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public NegotiatedExport Run()
    {
        OptionReplyWriter.WriteGreeting(_replies);
        Send();
        ReadClientFlags();
        for (var i = 0; i < NbdLimits.MaxOptions; i++)
        {
            var result = ServeOption(ReadHeader());
            SendReplies(result);
            if (result is not null)
            {
                return result;
            }
        }

        throw new NbdProtocolException($"More than {NbdLimits.MaxOptions} options in one handshake.");
    }

    private void SendReplies(NegotiatedExport? opened)
    {
        try
        {
            Send();
        }
        catch
        {
            if (opened is not null)
            {
                _background.Dispose(opened.Export);
            }

            throw;
        }
    }

    private void ReadClientFlags()
    {
        Require(4);
        _clientFlags = (NbdHandshakeFlags)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(_buffer.Available);
        _buffer.Consume(4);
        if ((_clientFlags & ~NbdHandshakeFlags.All) != 0)
        {
            throw new NbdProtocolException($"Unknown client flags 0x{(uint)_clientFlags:x}.");
        }
    }

    private OptionHeader ReadHeader()
    {
        Require(OptionHeader.Bytes);
        if (OptionReader.TryReadHeader(_buffer.Available, out var header) == ParseStatus.BadMagic)
        {
            throw new NbdProtocolException("An option does not start with IHAVEOPT.");
        }

        _buffer.Consume(OptionHeader.Bytes);
        if (!IsFixedNewstyle && header.Option != NbdOption.ExportName)
        {
            throw new NbdProtocolException($"Option {header.Option} without fixed newstyle negotiation.");
        }

        return header;
    }

    /// <summary>Serves one option whose data is bounded; skips the data of one that is too large.</summary>
    private NegotiatedExport? ServeOption(OptionHeader header)
    {
        if (header.Length > NbdLimits.MaxOptionBytes)
        {
            RefuseOversize(header);
            return null;
        }

        var length = (int)header.Length;
        Require(length);
        try
        {
            return ServeOption(header.Option, _buffer.Available[..length]);
        }
        finally
        {
            // After an upgrade to TLS nothing is left: what came before was checked and thrown away.
            _buffer.Consume(Math.Min(length, _buffer.Available.Length));
        }
    }

    private void RefuseOversize(OptionHeader header)
    {
        if (header.Length > NbdLimits.MaxDrainedOptionBytes || header.Option == NbdOption.ExportName)
        {
            throw new NbdProtocolException($"Option {header.Option} carries {header.Length} bytes.");
        }

        if (!_buffer.Skip(header.Length))
        {
            throw Lost();
        }

        var (error, message) = TlsMissing(header.Option)
            ? (NbdOptionReply.ErrTlsRequired, "Start TLS first.")
            : (NbdOptionReply.ErrTooBig, $"Option data may have {NbdLimits.MaxOptionBytes} bytes.");
        OptionReplyWriter.WriteError(_replies, header.Option, error, message);
    }

    private void StartTls()
    {
        OptionReplyWriter.WriteAck(_replies, NbdOption.StartTls);
        Send();
        // Bytes that came in clear after STARTTLS could be injected by a man in the middle (CVE-2021-3716 and kin).
        if (!_buffer.Available.IsEmpty)
        {
            throw new NbdProtocolException("Bytes were sent in clear after NBD_OPT_STARTTLS.");
        }

        try
        {
            _buffer.Transport = TlsTransport.AuthenticateAsServer(_socket, _options.Tls!);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or InvalidOperationException)
        {
            throw new HandshakeEndedException(NbdCloseReason.TlsFailed, "The TLS handshake failed.", e);
        }

        // What was negotiated in clear is forgotten.
        _tls = true;
        _structuredReplies = false;
        _metaContextExport = null;
    }

    private bool TlsMissing(NbdOption option) => !_tls && _tlsMode == NbdTlsMode.Required
        && option is not (NbdOption.StartTls or NbdOption.Abort);

    private void Require(int count)
    {
        if (!_buffer.Require(count))
        {
            throw Lost();
        }
    }

    private HandshakeEndedException Lost() => new(
        _stopping ? NbdCloseReason.ServerStopping : NbdCloseReason.ConnectionLost,
        "The connection ended during the handshake.");

    private void Send()
    {
        if (_replies.Length > 0)
        {
            _buffer.Transport.Send(_replies.Written);
            _replies.Clear();
        }
    }
}
