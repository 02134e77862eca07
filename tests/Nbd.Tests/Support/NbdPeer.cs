using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>
/// The other end of a connection, byte by byte: it can say what no proper client would. Every wait ends after ten
/// seconds with an error.
/// </summary>
internal sealed class NbdPeer : IDisposable
{
    private const int TimeoutMilliseconds = 10_000;

    private readonly Socket _socket;

    public NbdPeer(EndPoint endpoint)
    {
        var isUnix = endpoint is UnixDomainSocketEndPoint;
        _socket = new Socket(
            endpoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        _socket.ReceiveTimeout = _socket.SendTimeout = TimeoutMilliseconds;
        _socket.Connect(endpoint);
        Stream = new NetworkStream(_socket);
    }

    /// <summary>What bytes go through; a test may put TLS here.</summary>
    public Stream Stream { get; set; }

    /// <summary>The cookie of the last request.</summary>
    public ulong Cookie { get; private set; }

    public static byte[] Option(uint option, byte[]? data = null) =>
        Join(U64(0x49484156454F5054), U32(option), U32((uint)(data?.Length ?? 0)), data ?? []);

    public static byte[] U16(int value) => Write(2, b => BinaryPrimitives.WriteUInt16BigEndian(b, (ushort)value));

    public static byte[] U32(uint value) => Write(4, b => BinaryPrimitives.WriteUInt32BigEndian(b, value));

    public static byte[] U64(ulong value) => Write(8, b => BinaryPrimitives.WriteUInt64BigEndian(b, value));

    public static byte[] Join(params byte[][] parts) => parts.SelectMany(p => p).ToArray();

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A string with its length before it.</summary>
    public static byte[] Sized(string text) => Join(U32((uint)Text(text).Length), Text(text));

    /// <summary>Data of INFO and GO.</summary>
    public static byte[] Go(string name, params int[] infos) =>
        Join(Sized(name), U16(infos.Length), Join(infos.Select(U16).ToArray()));

    /// <summary>Data of LIST_META_CONTEXT and SET_META_CONTEXT.</summary>
    public static byte[] Contexts(string name, params string[] queries) =>
        Join(Sized(name), U32((uint)queries.Length), Join(queries.Select(Sized).ToArray()));

    public static byte[] Request(
        int command, ulong offset, uint length, int flags = 0, ulong cookie = 0, uint magic = 0x25609513) =>
        Join(U32(magic), U16(flags), U16(command), U64(cookie), U64(offset), U32(length));

    /// <summary>Reads the greeting and answers with flags.</summary>
    public NbdPeer Greet(uint flags = 3)
    {
        var greeting = Read(18);
        greeting[..16].Should().Equal(Join(U64(0x4e42444d41474943), U64(0x49484156454F5054)));
        BinaryPrimitives.ReadUInt16BigEndian(greeting.AsSpan(16)).Should().Be(3);
        Send(U32(flags));
        return this;
    }

    public void Send(params byte[][] parts) => Stream.Write(Join(parts));

    /// <summary>Closes the sending half.</summary>
    public void StopSending() => _socket.Shutdown(SocketShutdown.Send);

    public byte[] Read(int count)
    {
        var bytes = new byte[count];
        Stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Fails unless the server closes the connection without another byte.</summary>
    public void ShouldBeClosed()
    {
        try
        {
            Stream.ReadByte().Should().Be(-1, "the server should have closed the connection");
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: not SocketError.TimedOut }
            and not SocketException { SocketErrorCode: SocketError.WouldBlock })
        {
            // A reset is a way of closing, too: bytes of ours were not read.
        }
    }

    /// <summary>Reads one option reply.</summary>
    public OptionReply ReadReply(uint option)
    {
        var head = Read(20);
        BinaryPrimitives.ReadUInt64BigEndian(head).Should().Be(0x3e889045565a9);
        BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(8)).Should().Be(option);
        var data = Read((int)BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16)));
        return new OptionReply(BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(12)), data);
    }

    /// <summary>Sends an option and reads its replies, the final one last.</summary>
    public List<OptionReply> Ask(uint option, byte[]? data = null)
    {
        Send(Option(option, data));
        return ReadReplies(option);
    }

    public List<OptionReply> ReadReplies(uint option)
    {
        var replies = new List<OptionReply>();
        do
        {
            replies.Add(ReadReply(option));
        }
        while (!replies[^1].IsFinal);
        return replies;
    }

    /// <summary>Sends an option and tells how its last reply is called.</summary>
    public string Final(uint option, byte[]? data = null) => Ask(option, data)[^1].Name;

    /// <summary>Negotiates and enters an export.</summary>
    public NbdPeer Enter(string name, bool structured = false, bool blockStatus = false)
    {
        Greet();
        if (structured)
        {
            Final(8).Should().Be("ACK");
        }

        if (blockStatus)
        {
            Final(10, Contexts(name, "base:allocation")).Should().Be("ACK");
        }

        Final(7, Go(name)).Should().Be("ACK");
        return this;
    }

    /// <summary>Sends a request and nothing else.</summary>
    public ulong SendRequest(int command, ulong offset = 0, uint length = 0, int flags = 0, byte[]? payload = null)
    {
        Send(Request(command, offset, length, flags, ++Cookie), payload ?? []);
        return Cookie;
    }

    /// <summary>Sends a request and reads its simple reply; a successful read's data is left unread.</summary>
    public uint Simple(int command, ulong offset = 0, uint length = 0, int flags = 0, byte[]? payload = null)
    {
        var cookie = SendRequest(command, offset, length, flags, payload);
        var (error, replied) = ReadSimple();
        replied.Should().Be(cookie);
        return error;
    }

    public (uint Error, ulong Cookie) ReadSimple()
    {
        var head = Read(16);
        BinaryPrimitives.ReadUInt32BigEndian(head).Should().Be(0x67446698);
        return (BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)),
            BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8)));
    }

    /// <summary>Reads one chunk of a structured reply.</summary>
    public Chunk ReadChunk()
    {
        var head = Read(20);
        BinaryPrimitives.ReadUInt32BigEndian(head).Should().Be(0x668e33ef);
        return new Chunk(
            BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(6)),
            (BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(4)) & 1) != 0,
            BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8)),
            Read((int)BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16))));
    }

    /// <summary>Sends a request and reads the chunks of its reply.</summary>
    public List<Chunk> Chunks(int command, ulong offset = 0, uint length = 0, int flags = 0, byte[]? payload = null)
    {
        var cookie = SendRequest(command, offset, length, flags, payload);
        var chunks = new List<Chunk>();
        do
        {
            chunks.Add(ReadChunk());
            chunks[^1].Cookie.Should().Be(cookie);
        }
        while (!chunks[^1].IsDone);
        return chunks;
    }

    /// <summary>Shows that the session goes on: a small read still works.</summary>
    public void ShouldStillServe()
    {
        Simple(0, 0, 4).Should().Be(0);
        Read(4);
    }

    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
    }

    private static byte[] Write(int count, Action<byte[]> write)
    {
        var bytes = new byte[count];
        write(bytes);
        return bytes;
    }
}
