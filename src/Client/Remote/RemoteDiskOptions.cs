using System.Net.Security;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Client;

/// <summary>How disks behave whose blocks are kept by another process.</summary>
public sealed record RemoteDiskOptions
{
    /// <summary>
    /// Names this host among those that attach disks, as a <see cref="ResourceName"/> of at most 40 characters; no two
    /// processes may have the same.
    /// </summary>
    public required string Host { get; init; }

    /// <summary>
    /// How long a request waits for a disk's home that is gone, before it fails; default 2 min, more than 0.
    /// </summary>
    public TimeSpan IoTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Most bytes of a disk that were written and not flushed, kept here for the case that its home dies; more are
    /// flushed by themselves. Default 64 MiB, at least 8 MiB.
    /// </summary>
    public long MaxUnflushedBytes { get; init; } = 64L << 20;

    /// <summary>Pause between two probes of a disk's home; default 2 s, more than 0.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a probe may take before the home counts as gone; default 4 s, more than 0.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// How long what a disk inherits is read on without its home, which may have given the disk to another writer;
    /// default 10 s.
    /// </summary>
    public TimeSpan ReadAlone { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Deadline of a connection's handshake; default 10 s, more than 0.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whose certificates are trusted, of homes that are reached by <c>nbds</c>; default the system's choice.
    /// </summary>
    public CaCertificates? TlsCa { get; init; }

    /// <summary>The certificate that is shown to homes that ask for one; default none.</summary>
    public TlsIdentity? TlsIdentity { get; init; }

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Nodes' addresses as they are good for this process; default as they are told.</summary>
    internal NodeAddresses Addresses { get; init; } = new(null);

    /// <summary>How a home is connected to.</summary>
    internal NbdClientOptions ConnectionTo(NbdUri home) => new()
    {
        ConnectTimeout = ConnectTimeout,
        TimeProvider = Time,
        Tls = new SslClientAuthenticationOptions
        {
            TargetHost = home.Host,
            CertificateChainPolicy = TlsCa?.CreatePolicy(),
            ClientCertificateContext = TlsIdentity?.Context,
        },
    };

    /// <summary>Who comes back under this name may go on with what this host wrote.</summary>
    internal string HolderOf(string holder)
    {
        var name = holder == DiskExportName.SharedHolder ? Host : $"{Host}.{holder}";
        return ResourceName.IsValid(name) ? name : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"'{holder}' is too long a holder for host '{Host}'; choose a shorter one.");
    }
}
