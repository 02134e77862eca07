using System.Net;
using System.Net.Sockets;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Where an export is, as an NBD URI (NetworkBlockDevice doc/uri.md): <c>nbd://host[:port]/export</c>,
/// <c>nbd+unix:///export?socket=path</c>, or <c>nbds</c> in place of <c>nbd</c> for TLS.
/// </summary>
public sealed record NbdUri
{
    /// <summary>The port that IANA reserved.</summary>
    public const int DefaultPort = 10809;

    /// <summary>Host name or address; empty for a Unix socket.</summary>
    public string Host { get; init; } = "";

    /// <summary>TCP port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Path of a Unix socket; null for TCP.</summary>
    public string? SocketPath { get; init; }

    /// <summary>The export's name; empty: the default export.</summary>
    public string ExportName { get; init; } = "";

    /// <summary>True when TLS is demanded.</summary>
    public bool UseTls { get; init; }

    /// <summary>Parses a URI.</summary>
    /// <exception cref="FormatException">It is none, or of another scheme.</exception>
    public static NbdUri Parse(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed))
        {
            throw Invalid(uri, "it is not an absolute URI");
        }

        var (isUnix, tls) = parsed.Scheme switch
        {
            "nbd" => (false, false),
            "nbds" => (false, true),
            "nbd+unix" => (true, false),
            "nbds+unix" => (true, true),
            _ => throw Invalid(uri, "its scheme is not nbd, nbds, nbd+unix or nbds+unix"),
        };
        var name = Uri.UnescapeDataString(parsed.AbsolutePath.TrimStart('/'));
        if (isUnix)
        {
            var socket = QueryValue(parsed.Query, "socket") ?? throw Invalid(uri, "it lacks ?socket=PATH");
            return new NbdUri { SocketPath = socket, ExportName = name, UseTls = tls };
        }

        if (parsed.Host.Length == 0)
        {
            throw Invalid(uri, "it lacks a host");
        }

        var port = parsed.Port > 0 ? parsed.Port : DefaultPort;
        return new NbdUri { Host = parsed.DnsSafeHost, Port = port, ExportName = name, UseTls = tls };
    }

    /// <summary>Writes the URI of an endpoint that a server listens on.</summary>
    public static NbdUri For(EndPoint endpoint, string exportName = "") => endpoint switch
    {
        UnixDomainSocketEndPoint unix => new NbdUri { SocketPath = unix.ToString(), ExportName = exportName },
        IPEndPoint ip => new NbdUri { Host = ip.Address.ToString(), Port = ip.Port, ExportName = exportName },
        _ => throw new ArgumentException($"{endpoint} is neither TCP nor a Unix socket.", nameof(endpoint)),
    };

    /// <inheritdoc/>
    public override string ToString()
    {
        var scheme = UseTls ? "nbds" : "nbd";
        var name = Uri.EscapeDataString(ExportName);
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return SocketPath is null
            ? $"{scheme}://{host}:{Port}/{name}"
            : $"{scheme}+unix:///{name}?socket={Uri.EscapeDataString(SocketPath).Replace("%2F", "/")}";
    }

    private static string? QueryValue(string query, string key)
    {
        foreach (var part in query.TrimStart('?').Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part[..equals] == key)
            {
                return Uri.UnescapeDataString(part[(equals + 1)..]);
            }
        }

        return null;
    }

    private static FormatException Invalid(string uri, string why) => new($"'{uri}' is not an NBD URI: {why}.");
}
