using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace SnapshotGrains.Images;

/// <summary>Settings of an <see cref="HttpImageCenter"/>. Not a record: those print what they hold.</summary>
public sealed class HttpCenterOptions
{
    /// <summary>What each request shows; null: nothing. It is never logged.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>How the server's certificate is checked; null: as the system does.</summary>
    public X509ChainPolicy? ChainPolicy { get; init; }

    /// <summary>Longest time to connect. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for the head of an answer. Default 10 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for more of a body that has begun to come. Default 5 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most connections, which are kept and used again. 1 to 256; default 64.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>Most bytes of neighbouring segments in one request. At least 64 KiB; default 4 MiB.</summary>
    public int MaxRequestBytes { get; init; } = 4 << 20;

    /// <summary>Most bytes of a manifest; a larger one is refused. Default 1 GiB: an image of 25 TiB.</summary>
    public long MaxManifestBytes { get; init; } = 1L << 30;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnswerTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StallTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxConnections, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestBytes, 64 << 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxManifestBytes, 1);
    }
}
