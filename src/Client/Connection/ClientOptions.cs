using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>How a <see cref="SnapshotGrainsClient"/> behaves.</summary>
public sealed record ClientOptions
{
    /// <summary>Budget of the host-wide segment cache, in bytes; default 256 MiB, at least one segment.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Whether the cache takes its memory at the start; default false: as segments come.</summary>
    public bool CachePopulate { get; init; }

    /// <summary>
    /// Where segments of base replicas are looked for before the silos are asked, and kept for that; stays the
    /// caller's, who closes it after the client. Default null: nowhere.
    /// </summary>
    public DiskCache? Disk { get; init; }

    /// <summary>Deadline of a cold read; default 30 s, more than 0.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Deadline of a control call, an import's upload excepted; default 100 s, more than 0.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long a read or write waits for a disk's home that is gone; default 2 min, more than 0.</summary>
    public TimeSpan IoTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Servers to ask while the first does not answer; those of the cluster are learnt. Default none.
    /// </summary>
    public IReadOnlyList<Uri> Fallbacks { get; init; } = [];

    /// <summary>
    /// Names this client among those that attach disks, at most 40 characters by the rule of
    /// <see cref="ResourceName"/>; no two may have the same name at a time. Default: a new name.
    /// </summary>
    public string? Name { get; init; }

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

    /// <summary>
    /// Whether what guests touch is recorded for later clones of the snapshot, and what earlier ones touched loaded
    /// ahead; default true.
    /// </summary>
    public bool RecordsTraces { get; init; } = true;

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CacheBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReadTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IoTimeout, TimeSpan.Zero);
    }
}
