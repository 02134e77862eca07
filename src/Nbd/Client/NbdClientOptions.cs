using System.Net.Security;

namespace SnapshotGrains.Nbd;

/// <summary>Settings of an <see cref="NbdClient"/>.</summary>
public sealed record NbdClientOptions
{
    /// <summary>From connecting to the end of the handshake. Default 30 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Ask for structured replies; needed for block status. Default true.</summary>
    public bool StructuredReplies { get; init; } = true;

    /// <summary>Ask for base:allocation. Default true.</summary>
    public bool BlockStatus { get; init; } = true;

    /// <summary>Checks of the server's certificate for nbds; null: the system's, with the URI's host name.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>The clock of the time-out.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
