using System.Net;
using System.Net.Security;

namespace SnapshotGrains.Nbd;

/// <summary>Settings of an <see cref="NbdServer"/>; checked when it is created.</summary>
public sealed record NbdServerOptions
{
    /// <summary>
    /// Where to listen: <see cref="IPEndPoint"/> (port 0: any) or UnixDomainSocketEndPoint. At least one.
    /// </summary>
    public IReadOnlyList<EndPoint> Endpoints { get; init; } = [];

    /// <summary>Connections at once; a further one is closed at once. 1 to 65536, default 1024.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>From connect to the end of the handshake. Default 30 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may refuse to take replies before it is cut off. Default 60 s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long requests in flight may take to end once their connection ends. Default 30 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests of one connection that wait for the export at once; then reading stops. Default 128.</summary>
    public int MaxInFlightRequests { get; init; } = 128;

    /// <summary>Bytes those requests read or write; one larger request may go alone. Default 64 MiB.</summary>
    public long MaxInFlightBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Stack of a connection's thread in bytes: exports that answer synchronously run on it. Default 256 KiB.
    /// </summary>
    public int ThreadStackBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// How long a connection's thread looks for the next request before it sleeps, offering its core to others
    /// meanwhile. Halves the latency of small reads; zero: never. At most 1 ms, default 30 us.
    /// </summary>
    public TimeSpan PollTime { get; init; } = TimeSpan.FromMicroseconds(30);

    /// <summary>Access rights of a Unix socket. Default: owner and group read and write.</summary>
    public UnixFileMode UnixSocketMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>
    /// Whether TLS is offered over TCP. A Unix socket stays in clear: <see cref="UnixSocketMode"/> says who may use it.
    /// </summary>
    public NbdTlsMode TlsMode { get; init; }

    /// <summary>Certificate and client checks; needed unless <see cref="TlsMode"/> is Off.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>Hears what happens; null: nobody.</summary>
    public INbdServerEvents? Events { get; init; }

    /// <summary>The clock of all deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        if (Endpoints.Count == 0)
        {
            throw new ArgumentException("Endpoints is empty; name at least one address to listen on.");
        }

        CheckRange(MaxConnections, 1, 65536, nameof(MaxConnections));
        CheckRange(MaxInFlightRequests, 1, 65536, nameof(MaxInFlightRequests));
        CheckRange(MaxInFlightBytes, 1, long.MaxValue, nameof(MaxInFlightBytes));
        CheckRange(ThreadStackBytes, 128 * 1024, 64 * 1024 * 1024, nameof(ThreadStackBytes));
        CheckRange(HandshakeTimeout.TotalMilliseconds, 1, int.MaxValue, nameof(HandshakeTimeout));
        CheckRange(SendTimeout.TotalMilliseconds, 1, int.MaxValue, nameof(SendTimeout));
        CheckRange(DrainTimeout.TotalMilliseconds, 1, int.MaxValue, nameof(DrainTimeout));
        CheckRange(PollTime.TotalMilliseconds, 0, 1, nameof(PollTime));
        if (TlsMode != NbdTlsMode.Off && Tls is null)
        {
            throw new ArgumentException($"TlsMode is {TlsMode} but Tls is not set; give it a certificate.");
        }
    }

    private static void CheckRange(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {low} to {high}.");
        }
    }
}
