using System.Net;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo;

/// <summary>
/// What a silo process needs to know, from <c>appsettings.json</c>, then <c>SNAPSHOTGRAINS__…</c>, then the command
/// line; the keys are the properties' names in section <c>SnapshotGrains</c>.
/// </summary>
public sealed record SiloSettings
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "SnapshotGrains";

    /// <summary>Silos in this process, 1 to 64; default 1.</summary>
    public int Silos { get; init; } = 1;

    /// <summary>Directory of the silo's state; default <c>data</c>, created if missing.</summary>
    public string Data { get; init; } = "data";

    /// <summary>Where the HTTP API listens; default 127.0.0.1:8080, port 0 for a free one.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>Where the NBD server listens; default 127.0.0.1:10809, null for nowhere.</summary>
    public IPEndPoint? Nbd { get; init; } = new(IPAddress.Loopback, 10809);

    /// <summary>Unix socket of the NBD server; null for none.</summary>
    public string? NbdSocket { get; init; }

    /// <summary>Where the images are: a directory, or its <c>file:</c> URI; default <c>image-center</c> in
    /// <see cref="Data"/>.</summary>
    public required string ImageCenter { get; init; }

    /// <summary>Segment cache budget of each silo, in bytes, at least 1 MiB; default 256 MiB.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Most bytes on disk, in <c>replicas</c> in <see cref="Data"/>, for the segments of replicas that are kept; shared
    /// by the silos of this process; default 10 GiB, 0 for none.
    /// </summary>
    public long ReplicaBytes { get; init; } = 10L << 30;

    /// <summary>Deadline of a cold read; default 30 s, from 0.1 s to 1 h.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The key-encryption keys: settings <c>Kek</c>, default none, and <c>PreviousKek</c>, one or a list, default none;
    /// each a <see cref="KekSource"/>.
    /// </summary>
    public KekOptions Keks { get; init; } = new();

    /// <summary>
    /// The access tokens: settings <c>Token</c>, default none: nobody is asked for one, and <c>PreviousToken</c>, one
    /// or a list, default none; each an <see cref="AccessTokenSource"/>.
    /// </summary>
    public TokenOptions Tokens { get; init; } = new();

    /// <summary>
    /// The certificate of this silo: settings <c>TlsCertificate</c>, <c>TlsKey</c> and <c>TlsCa</c>; default none:
    /// nothing is encrypted on its way.
    /// </summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Encryption of NBD over TCP; default <c>require</c> where there is a certificate, else <c>off</c>.
    /// </summary>
    public NbdTlsPolicy NbdTls { get; init; }

    /// <summary>Name of this node; its silos are called NAME-0, NAME-1 …; default <c>silo</c>.</summary>
    public string NodeName { get; init; } = "silo";
}
