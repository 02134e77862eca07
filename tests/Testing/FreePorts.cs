using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Testing;

/// <summary>
/// Ports of the loopback network for servers that have to be told theirs before they listen. A port is this process'
/// until it ends: no other process that takes its ports here is given it, and no connection gets it as its own end,
/// as it lies below the range that the system takes those from.
/// </summary>
public static class FreePorts
{
    private const int First = 12_000;
    private const int End = 32_000;
    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Claims = [];
    private static readonly string Directory = System.IO.Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"snapshotgrains-test-ports-{Environment.UserName}")).FullName;

    private static int _next = First + (Environment.ProcessId * 64 % (End - First));

    /// <summary>A port.</summary>
    public static int One() => Take(1)[0];

    /// <summary>So many ports.</summary>
    /// <exception cref="InvalidOperationException">No port is left.</exception>
    public static ImmutableArray<int> Take(int count)
    {
        lock (Gate)
        {
            return [.. Enumerable.Range(0, count).Select(_ => TakeOne())];
        }
    }

    private static int TakeOne()
    {
        for (var tried = 0; tried < End - First; tried++)
        {
            var port = _next;
            _next = port + 1 == End ? First : port + 1;
            if (IsFree(port) && TryClaim(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No port from {First} to {End - 1} is free.");
    }

    // The system takes the lock back when the process ends, however it ends.
    private static bool TryClaim(int port)
    {
        try
        {
            var path = Path.Combine(Directory, $"{port}");
            Claims.Add(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
