using System.Net.Sockets;
using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Makes way for a Unix socket: a socket file that nobody listens on any more is removed, nothing else is.
/// </summary>
internal static class UnixSocketFile
{
    /// <summary>sizeof(sockaddr_un.sun_path) less the NUL.</summary>
    private const int MaxPathBytes = 107;

    /// <summary>Prepares <paramref name="path"/> for binding.</summary>
    /// <exception cref="IOException">The path is too long, is no socket, or a living server has it.</exception>
    public static void Prepare(string path)
    {
        var bytes = Encoding.UTF8.GetByteCount(path);
        if (bytes > MaxPathBytes)
        {
            throw new IOException($"The socket path '{path}' has {bytes} bytes; {MaxPathBytes} are possible.");
        }

        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a directory; name a socket file in it.");
        }

        if (!File.Exists(path))
        {
            return;
        }

        if (!IsSocket(path))
        {
            throw new IOException($"'{path}' exists and is not a socket; it is left alone. Use another path.");
        }

        if (IsServed(path))
        {
            throw new IOException($"Another process listens on '{path}'.");
        }

        File.Delete(path);
    }

    /// <summary>Removes the file of a socket that was closed.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start finds it stale and removes it.
            GC.KeepAlive(e);
        }
    }

    // A socket can be found but not opened (ENXIO); every other kind of file that we may read can.
    private static bool IsSocket(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static bool IsServed(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
