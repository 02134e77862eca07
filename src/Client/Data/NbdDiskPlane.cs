using System.Net.Security;
using System.Security.Authentication;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Client;

/// <summary>
/// Attaches disks of a server in another process through its NBD server. What is encrypted comes as it is stored, and
/// is decrypted here.
/// </summary>
/// <param name="control">Tells where the NBD server is.</param>
/// <param name="keys">The keys of this process.</param>
/// <param name="options">Deadlines.</param>
internal sealed class NbdDiskPlane(HttpControlPlane control, KeyRing keys, ClientOptions options) : IDiskPlane
{
    private readonly SectorGates _gates = new();

    public async ValueTask<VirtualDisk> AttachAsync(
        string disk, DiskAccess access, string holder, CancellationToken cancellationToken)
    {
        // A missing disk gets its own error here; the NBD handshake only knows that there is no such export.
        var info = await control.GetDiskAsync(disk, cancellationToken).ConfigureAwait(false);
        var key = info.Key is null ? null : await keys.OpenAsync(info.Key, cancellationToken).ConfigureAwait(false);
        var status = await control.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        var endpoint = status.Nbd.Endpoints.FirstOrDefault(IsReachable)
            ?? throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"{control.Server} has no NBD server to attach '{disk}' through.");
        var name = new DiskExportName(disk, access, holder, IsCiphertext: key is not null).ToString();
        var uri = NbdUri.Parse(endpoint) with { ExportName = name };
        if (uri.SocketPath is null)
        {
            uri = uri with { Host = control.Server.Host };
        }

        try
        {
            var connection = await NbdClient.ConnectAsync(
                uri, OptionsFor(uri), cancellationToken).ConfigureAwait(false);
            var stored = new NbdDisk(disk, access == DiskAccess.ReadOnly, connection);
            return key is null
                ? stored : await OverAsync(stored, info, key, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is NbdException or IOException or TimeoutException)
        {
            throw new SnapshotGrainsException(
                CodeOf(error),
                $"'{disk}' could not be attached at {uri}: {error.Message}", error);
        }
    }

    private static ErrorCode CodeOf(Exception error) => error switch
    {
        NbdException { InnerException: AuthenticationException } => ErrorCode.Unauthorized,
        NbdException { Error: NbdError.NotPermitted } => ErrorCode.InUse,
        _ => ErrorCode.SiloUnavailable,
    };

    private NbdClientOptions OptionsFor(NbdUri uri) => new()
    {
        ConnectTimeout = options.RequestTimeout,
        TimeProvider = options.Time,
        Tls = new SslClientAuthenticationOptions
        {
            TargetHost = uri.Host,
            CertificateChainPolicy = options.TlsCa?.CreatePolicy(),
            ClientCertificateContext = options.TlsIdentity?.Context,
        },
    };

    /// <summary>The name may have gone to another disk before the connection was there; now it cannot.</summary>
    private async ValueTask<VirtualDisk> OverAsync(
        NbdDisk stored, DiskInfo disk, DataKey key, CancellationToken cancellationToken)
    {
        try
        {
            var now = await control.GetDiskAsync(disk.Name, cancellationToken).ConfigureAwait(false);
            return now.Id == disk.Id && now.SizeBytes == disk.SizeBytes
                ? new CipherDisk(stored, key, _gates.Of(disk.Id), disk.SizeBytes)
                : throw new SnapshotGrainsException(
                    ErrorCode.InUse, $"Disk '{disk.Name}' was resized or made anew just now; try again.");
        }
        catch
        {
            await stored.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static bool IsReachable(string endpoint) =>
        NbdUri.Parse(endpoint).SocketPath is not { } socket || File.Exists(socket);
}
