namespace SnapshotGrains.Client;

/// <summary>How a <see cref="SnapshotGrainsClient"/> behaves.</summary>
public sealed record ClientOptions
{
    /// <summary>Budget of the host-wide segment cache, in bytes; default 256 MiB, at least one segment.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Deadline of a cold read; default 30 s, more than 0.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Deadline of a control call, an import's upload excepted; default 100 s, more than 0.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// The key-encryption keys that unwrap the keys of encrypted disks; they stay the caller's. Default none: such
    /// disks cannot be opened.
    /// </summary>
    public Keks Keks { get; init; } = Keks.None;

    /// <summary>What servers ask their clients for; default none: nothing is shown.</summary>
    public AccessToken? Token { get; init; }

    /// <summary>
    /// Whose certificates are trusted, of servers that are reached by <c>https</c> and <c>nbds</c>; default null: those
    /// that the system trusts.
    /// </summary>
    public CaCertificates? TlsCa { get; init; }

    /// <summary>
    /// The certificate that is shown to NBD servers that ask for one (setting <c>NbdTls</c>, <c>mutual</c>); default
    /// none.
    /// </summary>
    public TlsIdentity? TlsIdentity { get; init; }

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CacheBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReadTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
    }
}
