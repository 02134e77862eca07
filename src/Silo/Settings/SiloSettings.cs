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

    /// <summary>Whether no other process can belong to the cluster.</summary>
    public bool IsAlone => Membership == Membership.Local;

    /// <summary>Directory of the silo's state; default <c>data</c>, created if missing.</summary>
    public string Data { get; init; } = "data";

    /// <summary>
    /// Directory of the disks' own blocks; default <c>disks</c> in <see cref="Data"/>. Nodes that share it, on a file
    /// system with locks, keep each other's disks.
    /// </summary>
    public string Disks { get; init; } = "disks";

    /// <summary>Where the HTTP API listens; default 127.0.0.1:8080, port 0 for a free one.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>Where the NBD server listens; default 127.0.0.1:10809, null for nowhere.</summary>
    public IPEndPoint? Nbd { get; init; } = new(IPAddress.Loopback, 10809);

    /// <summary>Unix socket of the NBD server; null for none.</summary>
    public string? NbdSocket { get; init; }

    /// <summary>
    /// Where the images are: a directory, its <c>file:</c> URI, or the <c>http:</c> or <c>https:</c> address of a web
    /// server that serves one; default <c>image-center</c> in <see cref="Data"/>.
    /// </summary>
    public required string ImageCenter { get; init; }

    /// <summary>
    /// How to get in there: settings <c>ImageCenterToken</c>, an <see cref="AccessTokenSource"/>, and
    /// <c>ImageCenterCa</c>, a PEM file; default neither. Null: <see cref="ImageCenter"/> is a directory.
    /// </summary>
    public CenterAddress? Center { get; init; }

    /// <summary>Segment cache budget of each silo, in bytes, at least 1 MiB; default 256 MiB.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Whether a silo takes all of <see cref="CacheBytes"/> when it starts; default false: as segments come.
    /// </summary>
    public bool CachePopulate { get; init; }

    /// <summary>
    /// Budget of the cache for what guests of this process read from silos in other ones, and what is decrypted for
    /// them, in bytes, at least 1 MiB; default 256 MiB.
    /// </summary>
    public long ReadCacheBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Most bytes on disk, in <c>replicas</c> in <see cref="Data"/>, for the segments of replicas that are kept; shared
    /// by the silos of this process; default 10 GiB, 0 for none.
    /// </summary>
    public long ReplicaBytes { get; init; } = 10L << 30;

    /// <summary>
    /// Directory of the cache on a local disk, which keeps segments that memory has lost, also over restarts; shared by
    /// the silos of this process, and by nobody else; created if missing. Default null: none.
    /// </summary>
    public string? DiskCache { get; init; }

    /// <summary>
    /// Most bytes that <see cref="DiskCache"/> takes, all of them from the start, at least 4 MiB; default 10 GiB.
    /// </summary>
    public long DiskCacheSize { get; init; } = 10L << 30;

    /// <summary>
    /// Whether the engine's dashboard is served, if it has one; setting <c>Dashboard</c>, <c>on</c> (default) or
    /// <c>off</c>. It counts every grain call, which costs some of each.
    /// </summary>
    public bool HasDashboard { get; init; } = true;

    /// <summary>
    /// Whether what guests of this process touch is recorded, and what earlier ones touched loaded ahead; <c>on</c>
    /// (default) or <c>off</c>.
    /// </summary>
    public bool Traces { get; init; } = true;

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

    /// <summary>
    /// Name of this node, unique in its cluster; its silos are called NAME-0, NAME-1 …; default <c>silo</c>, and with
    /// shared membership the machine's host name.
    /// </summary>
    public string NodeName { get; init; } = "silo";

    /// <summary>Where silos learn of each other; default <see cref="Silo.Membership.Local"/>.</summary>
    public Membership Membership { get; init; } = Membership.Local;

    /// <summary>Where metadata is; default and only choice: where membership is, in SQLite if that is local.</summary>
    public MetadataStorage Storage { get; init; } = MetadataStorage.Sqlite;

    /// <summary>The database of a shared membership; null exactly when membership is local.</summary>
    public ConnectionSource? ConnectionString { get; init; }

    /// <summary>Name of the cluster, for shared membership; default <c>snapgrains</c>.</summary>
    public string Cluster { get; init; } = "snapgrains";

    /// <summary>
    /// Port of the first silo, for shared membership; further ones take the following ports; default 11111, 0 for free
    /// ones.
    /// </summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>The same for the silos' gateways, which clients connect to; default 30000.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>
    /// Where other nodes reach the silos of this one; default the address of <see cref="Http"/>, or the machine's first
    /// IPv4 address that is not loopback if that is any; with local membership always the loopback address.
    /// </summary>
    public IPAddress Advertise { get; init; } = IPAddress.Loopback;

    /// <summary>Where readers in other processes reach a server of this one that listens on an address.</summary>
    internal IPEndPoint Reachable(IPEndPoint listening)
    {
        var address = !LocalAddresses.IsAny(listening.Address) ? listening.Address
            : IsAlone ? LocalAddresses.Reachable(listening.Address) : Advertise;
        return new IPEndPoint(address, listening.Port);
    }
}
