using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>
/// A blocking socket driven by recv and sendmsg: no event loop between a request and its reply, and a batch of
/// replies from scattered memory goes out in one system call.
/// </summary>
internal sealed class LinuxSocketTransport : SocketTransport
{
    private readonly SafeSocketHandle _handle;
    private ReceivePolling _polling;

    public LinuxSocketTransport(Socket socket, TimeSpan pollTime)
        : base(socket)
    {
        _handle = socket.SafeHandle;
        _polling = new ReceivePolling(pollTime);
    }

    public override bool CanTrySend => true;

    public override unsafe int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var received = Poll(start, buffer.Length);
            if (received >= 0)
            {
                _polling.Received((int)received, whilePolling: true);
                return (int)received;
            }

            while ((received = LibC.Receive(_handle, start, buffer.Length, 0)) < 0)
            {
                ThrowUnless(LibC.Eintr, "recv");
            }

            _polling.Received((int)received, whilePolling: false);
            return (int)received;
        }
    }

    public override void Send(Span<IoVector> vectors)
    {
        while (!vectors.IsEmpty)
        {
            var sent = SendOnce(vectors, LibC.MsgNoSignal);
            if (sent < 0)
            {
                ThrowUnless(LibC.Eintr, "sendmsg");
                continue;
            }

            vectors = Advance(vectors, sent);
        }
    }

    public override bool TrySend(Span<IoVector> vectors)
    {
        while (!vectors.IsEmpty)
        {
            var sent = SendOnce(vectors, LibC.MsgNoSignal | LibC.MsgDontWait);
            if (sent >= 0)
            {
                vectors = Advance(vectors, sent);
            }
            else if (Marshal.GetLastPInvokeError() == LibC.Eagain)
            {
                return false;
            }
            else
            {
                ThrowUnless(LibC.Eintr, "sendmsg");
            }
        }

        return true;
    }

    /// <summary>Looks for bytes without sleeping; negative: sleep.</summary>
    private unsafe nint Poll(byte* start, int length)
    {
        if (!_polling.Begin())
        {
            return -1;
        }

        do
        {
            var received = LibC.Receive(_handle, start, length, LibC.MsgDontWait);
            if (received >= 0)
            {
                return received;
            }
        }
        while (Marshal.GetLastPInvokeError() == LibC.Eagain && _polling.Again());
        return -1;
    }

    private unsafe nint SendOnce(Span<IoVector> vectors, int flags)
    {
        fixed (IoVector* first = vectors)
        {
            var message = new LibC.MessageHeader
            {
                Vectors = first,
                VectorCount = Math.Min(vectors.Length, LibC.MaxVectors),
            };
            return LibC.SendMessage(_handle, &message, flags);
        }
    }

    private static Span<IoVector> Advance(Span<IoVector> vectors, nint sent)
    {
        var done = 0;
        while (done < vectors.Length && sent >= vectors[done].Length)
        {
            sent -= vectors[done].Length;
            vectors[done++].Length = 0;
        }

        vectors = vectors[done..];
        if (sent > 0)
        {
            vectors[0] = new IoVector(vectors[0].Start + sent, vectors[0].Length - sent);
        }

        return vectors;
    }

    private static void ThrowUnless(int tolerated, string call)
    {
        var errno = Marshal.GetLastPInvokeError();
        if (errno != tolerated)
        {
            var why = errno == LibC.Eagain ? "the peer took nothing until the time-out" : Describe(errno);
            throw new IOException($"{call} failed: {why} (errno {errno}).");
        }
    }

    private static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
