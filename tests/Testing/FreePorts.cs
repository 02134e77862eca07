using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Testing;

/// <summary>
/// Ports of the loopback network that are free. None is given twice in a process: clusters of tests that run side by
/// side take them before they listen.
/// </summary>
public static class FreePorts
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port.</summary>
    public static int One() => Take(1)[0];

    /// <summary>So many ports.</summary>
    public static ImmutableArray<int> Take(int count)
    {
        var listeners = new List<TcpListener>();
        var ports = ImmutableArray.CreateBuilder<int>();
        while (ports.Count < count)
        {
            // Those that were given before stay taken meanwhile, so that the system offers others.
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            listeners.Add(listener);
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, true))
            {
                ports.Add(port);
            }
        }

        listeners.ForEach(listener => listener.Dispose());
        return ports.ToImmutable();
    }
}
