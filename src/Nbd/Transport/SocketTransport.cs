using System.Net.Sockets;

namespace SnapshotGrains.Nbd;

/// <summary>A blocking socket on any operating system: one send call for each vector.</summary>
internal class SocketTransport : NbdTransport
{
    public SocketTransport(Socket socket)
    {
        Socket = socket;
    }

    /// <summary>The socket, for the upgrade to TLS.</summary>
    public Socket Socket { get; }

    /// <summary>Takes the fastest way that the operating system has.</summary>
    /// <param name="socket">Connected and blocking.</param>
    /// <param name="pollTime">How long a receive may look for bytes before it sleeps, where that is possible.</param>
    public static SocketTransport Create(Socket socket, TimeSpan pollTime) =>
        OperatingSystem.IsLinux() ? new LinuxSocketTransport(socket, pollTime) : new SocketTransport(socket);

    public override int Receive(Span<byte> buffer)
    {
        try
        {
            return Socket.Receive(buffer);
        }
        catch (SocketException e)
        {
            throw new IOException($"Receiving failed: {e.Message}", e);
        }
    }

    public override unsafe void Send(Span<IoVector> vectors)
    {
        try
        {
            foreach (ref var vector in vectors)
            {
                SendAll(new ReadOnlySpan<byte>((void*)vector.Start, (int)vector.Length));
                vector.Length = 0;
            }
        }
        catch (SocketException e)
        {
            throw new IOException($"Sending failed: {e.Message}", e);
        }
    }

    public override void StopReceiving() => TryShutdown(SocketShutdown.Receive);

    public override void Abort() => TryShutdown(SocketShutdown.Both);

    public override void Dispose() => Socket.Dispose();

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[Socket.Send(bytes)..];
        }
    }

    private void TryShutdown(SocketShutdown how)
    {
        try
        {
            Socket.Shutdown(how);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster, or the connection's thread closed it: there is nothing left to shut down.
            GC.KeepAlive(e);
        }
    }
}
