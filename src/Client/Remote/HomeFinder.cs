using System.Security.Authentication;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Client;

/// <summary>Asks the cluster where a disk's home is, and connects to that one's NBD server.</summary>
/// <param name="control">Knows.</param>
/// <param name="options">Deadlines.</param>
internal sealed class HomeFinder(IControlPlane control, RemoteDiskOptions options) : IHomeFinder
{
    public async Task<NbdClient> ConnectAsync(DiskExportName name, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var location = await control.LocateDiskAsync(name.Disk, either.Token).ConfigureAwait(false);
            var endpoint = options.Addresses.Of(location.Endpoints)?.Nbd.FirstOrDefault(IsReachable)
                ?? throw new SnapshotGrainsException(
                    ErrorCode.SiloUnavailable,
                    $"Node '{location.Node}', which keeps disk '{name.Disk}', has no NBD server that can be reached "
                    + "from here; start it with --nbd HOST:PORT.");
            var uri = NbdUri.Parse(endpoint) with { ExportName = name.ToString() };
            return await NbdClient.ConnectAsync(uri, options.ConnectionTo(uri), either.Token).ConfigureAwait(false);
        }
        catch (NbdException error)
        {
            throw new SnapshotGrainsException(
                CodeOf(error, name),
                $"Disk '{name.Disk}' could not be attached: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or TimeoutException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"The home of disk '{name.Disk}' cannot be reached: {error.Message}", error);
        }
    }

    private static ErrorCode CodeOf(NbdException error, DiskExportName name) => error switch
    {
        { InnerException: AuthenticationException } => ErrorCode.Unauthorized,
        { Error: NbdError.NotPermitted } => name.IsResumed ? ErrorCode.Fenced : ErrorCode.InUse,
        _ => ErrorCode.SiloUnavailable,
    };

    private static bool IsReachable(string endpoint) =>
        NbdUri.Parse(endpoint).SocketPath is not { } socket || File.Exists(socket);
}
