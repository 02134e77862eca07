using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>Both ways to send vectors put the same bytes on the wire: sendmsg, and one send call each.</summary>
public sealed class SocketTransportTests : IDisposable
{
    private readonly Socket _sender;
    private readonly Socket _receiver;

    public SocketTransportTests()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        _sender = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 10_000 };
        _sender.Connect(listener.LocalEndPoint!);
        _receiver = listener.Accept();
        _receiver.ReceiveTimeout = 10_000;
    }

    /// <summary>More vectors than one call takes, some of them large, arrive whole and in order.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sends_every_vector(bool linux)
    {
        if (linux && !OperatingSystem.IsLinux())
        {
            return;
        }

        using SocketTransport transport = linux
            ? new LinuxSocketTransport(_sender, TimeSpan.Zero)
            : new SocketTransport(_sender);
        var bytes = GC.AllocateUninitializedArray<byte>(6_000_000, pinned: true);
        new Random(TestServer.Seed).NextBytes(bytes);
        var sending = Task.Run(() => transport.Send(Split(bytes, 3000)));

        var received = new byte[bytes.Length];
        using var stream = new NetworkStream(_receiver);
        stream.ReadExactly(received);
        await sending.WaitAsync(TimeSpan.FromSeconds(10));

        received.AsSpan().SequenceEqual(bytes).Should().BeTrue();
    }

    /// <summary>TrySend stops where the peer's room ends, and Send goes on from exactly there.</summary>
    [Fact]
    public async Task Send_continues_where_try_send_stopped()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var transport = new LinuxSocketTransport(_sender, TimeSpan.Zero);
        var bytes = GC.AllocateUninitializedArray<byte>(32_000_000, pinned: true);
        new Random(TestServer.Seed).NextBytes(bytes);
        var vectors = Split(bytes, 50);

        transport.TrySend(vectors).Should().BeFalse("32 MB fit into no socket buffer");
        var sending = Task.Run(() => transport.Send(vectors));

        var received = new byte[bytes.Length];
        using var stream = new NetworkStream(_receiver);
        stream.ReadExactly(received);
        await sending.WaitAsync(TimeSpan.FromSeconds(10));
        received.AsSpan().SequenceEqual(bytes).Should().BeTrue();
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    private static unsafe IoVector[] Split(byte[] pinned, int count)
    {
        var start = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinned[0]);
        var size = pinned.Length / count;
        return Enumerable.Range(0, count).Select(i => new IoVector(start + (i * size), size)).ToArray();
    }
}
