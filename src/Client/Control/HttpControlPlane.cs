using System.Net.Http.Json;

namespace SnapshotGrains.Client;

/// <summary>Asks a silo's HTTP API.</summary>
/// <param name="http">A client whose base address is the silo.</param>
/// <param name="time">The clock of deadlines; null: the system's.</param>
public sealed partial class HttpControlPlane(HttpClient http, TimeProvider? time = null) : IControlPlane
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>The server that is asked.</summary>
    public Uri Server => http.BaseAddress!;

    /// <inheritdoc />
    public async Task<IReadOnlyList<ImageInfo>> ListImagesAsync(CancellationToken cancellationToken) =>
        await http.GetApiAsync<ImageInfo[]>(ApiRoutes.Images, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<ImageInfo> GetImageAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        http.GetApiAsync<ImageInfo>(ApiRoutes.ImageOf(snapshot), cancellationToken);

    /// <inheritdoc />
    public async Task<int> DeleteImageAsync(
        SnapshotId snapshot, bool isDeferred, CancellationToken cancellationToken)
    {
        var path = ApiRoutes.ImageOf(snapshot) + (isDeferred ? "?defer=true" : "");
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        var deletion = await http.SendApiAsync<ImageDeletion>(request, cancellationToken).ConfigureAwait(false);
        return deletion.WaitingForDisks;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DiskInfo>> CloneAsync(
        SnapshotId snapshot,
        IReadOnlyList<string> disks,
        CloneOptions options,
        CancellationToken cancellationToken) =>
        await http.PostApiAsync<BatchCloneRequest, DiskInfo[]>(
            ApiRoutes.Disks,
            new BatchCloneRequest(snapshot, disks, options.Hydration, options.Layout, options.Trace),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DiskInfo>> ListDisksAsync(CancellationToken cancellationToken) =>
        await http.GetApiAsync<DiskInfo[]>(ApiRoutes.Disks, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<DiskInfo> GetDiskAsync(string disk, CancellationToken cancellationToken) =>
        http.GetApiAsync<DiskInfo>(ApiRoutes.DiskOf(disk), cancellationToken);

    /// <inheritdoc />
    public Task<DiskLocation> LocateDiskAsync(string disk, CancellationToken cancellationToken) =>
        http.GetApiAsync<DiskLocation>(ApiRoutes.LocationOf(disk), cancellationToken);

    /// <inheritdoc />
    public Task DeleteDiskAsync(string disk, CancellationToken cancellationToken) =>
        http.DeleteApiAsync(ApiRoutes.DiskOf(disk), cancellationToken);

    /// <inheritdoc />
    public Task<DiskInfo> ResizeDiskAsync(string disk, long sizeBytes, CancellationToken cancellationToken) =>
        http.PostApiAsync<ResizeRequest, DiskInfo>(
            ApiRoutes.ResizeOf(disk), new ResizeRequest(sizeBytes), cancellationToken);

    /// <inheritdoc />
    public Task<HydrationProgress> GetHydrationAsync(string disk, CancellationToken cancellationToken) =>
        http.GetApiAsync<HydrationProgress>(ApiRoutes.HydrationOf(disk), cancellationToken);

    /// <inheritdoc />
    public Task<DiskInfo> ControlHydrationAsync(
        string disk, HydrationCommand command, CancellationToken cancellationToken) =>
        http.PostApiAsync<HydrationRequest, DiskInfo>(
            ApiRoutes.HydrationOf(disk), new HydrationRequest(command), cancellationToken);

    /// <inheritdoc />
    public async Task SetHydrationLimitAsync(long? bytesPerSecond, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ApiRoutes.Hydration)
        {
            Content = JsonContent.Create(new HydrationLimit(bytesPerSecond), options: ApiJson.Options),
        };
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<DiskSnapshotProgress> SnapshotDiskAsync(
        string disk, SnapshotId snapshot, CancellationToken cancellationToken) =>
        http.PostApiAsync<SnapshotRequest, DiskSnapshotProgress>(
            ApiRoutes.SnapshotsOf(disk), new SnapshotRequest(snapshot), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<NodeInfo>> ListNodesAsync(CancellationToken cancellationToken) =>
        await http.GetApiAsync<NodeInfo[]>(ApiRoutes.Nodes, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<NodeInfo> DrainNodeAsync(string node, CancellationToken cancellationToken) =>
        PostNodeAsync(ApiRoutes.DrainOf(node), cancellationToken);

    /// <inheritdoc />
    public Task<NodeInfo> ResumeNodeAsync(string node, CancellationToken cancellationToken) =>
        PostNodeAsync(ApiRoutes.ResumeOf(node), cancellationToken);

    /// <summary>The server as a whole.</summary>
    public Task<ServerStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        http.GetApiAsync<ServerStatus>(ApiRoutes.Status, cancellationToken);

    /// <summary>Stops one of the server's silos; the others go on.</summary>
    /// <param name="node">The silo's name.</param>
    /// <param name="abrupt">Whether it is dropped as in a crash, not stopped in order.</param>
    /// <param name="cancellationToken">Gives up waiting; the silo may stop all the same.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>: the server runs no such silo;
    /// <see cref="ErrorCode.BadRequest"/>: it is its last one.</exception>
    public async Task StopNodeAsync(string node, bool abrupt, CancellationToken cancellationToken)
    {
        var path = $"{ApiRoutes.Nodes}/{Uri.EscapeDataString(node)}/stop{(abrupt ? "?abrupt=true" : "")}";
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Uploads a raw disk image, read once from <paramref name="content"/>.</summary>
    /// <param name="snapshot">The new image's name.</param>
    /// <param name="content">The bytes; its <see cref="HttpContent.Headers"/> may give the length, and say that it is
    /// a sparse image (docs/FORMATS.md).</param>
    /// <param name="segmentSizeBytes">Segment size, a power of two from 64 KiB to 16 MiB; null: the default.</param>
    /// <param name="cancellationToken">Gives the import up; the image center is left as it was.</param>
    public async Task<ImageInfo> ImportImageAsync(
        SnapshotId snapshot, HttpContent content, int? segmentSizeBytes, CancellationToken cancellationToken)
    {
        var query = segmentSizeBytes is { } size ? $"?segmentSizeBytes={size}" : "";
        using var request = new HttpRequestMessage(HttpMethod.Put, ApiRoutes.ImageOf(snapshot) + query)
        {
            Content = content,
        };
        request.Options.Set(DeadlineHandler.HasNoDeadline, true); // an upload takes as long as it takes

        // A name that is taken is refused before gigabytes are sent in vain.
        request.Headers.ExpectContinue = true;
        return await http.SendApiAsync<ImageInfo>(request, cancellationToken).ConfigureAwait(false);
    }

    private async Task<NodeInfo> PostNodeAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        return await http.SendApiAsync<NodeInfo>(request, cancellationToken).ConfigureAwait(false);
    }
}
