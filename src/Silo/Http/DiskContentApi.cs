using System.Buffers;
using System.Net.Mime;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Http;

/// <summary>
/// <c>/v1/disks/{name}/content</c> and <c>/extents</c>: a disk's bytes, for copies of it. Those of an encrypted disk
/// are ciphertext, in whole sectors: the reader has the key.
/// </summary>
internal static class DiskContentApi
{
    private const int PieceBytes = 256 << 10;
    private const int DefaultExtents = 1024;
    private const int MaxExtents = 65_536;
    private const string Holder = "http";

    public static void MapDiskContent(this IEndpointRouteBuilder routes)
    {
        var disks = routes.MapGroup(ApiRoutes.Disks).WithTags("disks");
        disks.MapGet("/{name}/content", SendAsync);
        disks.MapGet("/{name}/extents", ListExtentsAsync);
    }

    private static Task<VirtualDisk> AttachAsync(IDiskPlane disks, string name, CancellationToken cancellationToken) =>
        disks.AttachAsync(
            new DiskExportName(name, DiskAccess.ReadOnly, Holder, DiskForm.Ciphertext), cancellationToken).AsTask();

    private static Task<IReadOnlyList<DiskExtent>> ListExtentsAsync(
        string name,
        long? offset,
        long? length,
        int? max,
        HttpContext context,
        IDiskPlane disks,
        SiloProcess process) =>
        InTimeAsync(context, process, ct => ReadExtentsAsync(name, offset, length, max, disks, ct));

    private static async Task<IReadOnlyList<DiskExtent>> ReadExtentsAsync(
        string name, long? offset, long? length, int? max, IDiskPlane disks, CancellationToken cancellationToken)
    {
        await using var disk = await AttachAsync(disks, name, cancellationToken);
        var from = offset ?? 0;
        var bytes = length ?? disk.SizeBytes - from;
        if (from < 0 || bytes < 1 || from > disk.SizeBytes - bytes || max is < 1 or > MaxExtents)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"Disk '{name}' has {disk.SizeBytes} bytes, so {bytes} from {from} on are not all there, or "
                + $"{max ?? DefaultExtents} extents are not from 1 to {MaxExtents}.");
        }

        return await disk.GetExtentsAsync(from, bytes, max ?? DefaultExtents, cancellationToken);
    }

    private static async Task SendAsync(string name, HttpContext context, IDiskPlane disks, SiloProcess process)
    {
        await using var disk = await InTimeAsync(
            context, process, ct => AttachAsync(disks, name, ct));
        context.Response.Headers.AcceptRanges = "bytes";
        if (ByteRange.Of(context.Request.GetTypedHeaders(), disk.SizeBytes) is not { } range)
        {
            context.Response.Headers.ContentRange = $"bytes */{disk.SizeBytes}";
            throw new BadHttpRequestException(
                $"Disk '{name}' has {disk.SizeBytes} bytes, none of them in the range asked for.",
                StatusCodes.Status416RangeNotSatisfiable);
        }

        Announce(context.Response, range, disk.SizeBytes);
        try
        {
            await SendBytesAsync(context, disk, range, process);
        }
        catch (Exception) when (context.Response.HasStarted)
        {
            // All that can be said now is that it is not whole. Nobody waits any more, or it took too long, or a
            // segment is not to be had, which those who load it have told.
            context.Abort();
        }
    }

    private static void Announce(HttpResponse response, in ByteRange range, long sizeBytes)
    {
        response.ContentType = MediaTypeNames.Application.Octet;
        response.ContentLength = range.Length;
        if (range.IsPart)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {range.Offset}-{range.Offset + range.Length - 1}/{sizeBytes}";
        }
    }

    /// <summary>Each piece has its deadline, its sending included: a slow reader must not keep the disk for ever.
    /// </summary>
    private static async Task SendBytesAsync(
        HttpContext context, VirtualDisk disk, ByteRange range, SiloProcess process)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (long done = 0; done < range.Length;)
            {
                var bytes = piece.AsMemory(0, (int)Math.Min(PieceBytes, range.Length - done));
                var offset = range.Offset + done;
                done += await InTimeAsync(context, process, async ct =>
                {
                    await disk.ReadAsync(offset, bytes, ct);
                    await context.Response.Body.WriteAsync(bytes, ct);
                    return bytes.Length;
                });
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static async Task<T> InTimeAsync<T>(
        HttpContext context, SiloProcess process, Func<CancellationToken, Task<T>> act)
    {
        var timeout = process.Settings.ReadTimeout;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(timeout);
        try
        {
            return await act(deadline.Token);
        }
        catch (OperationCanceledException error) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SegmentTimeout,
                $"{context.Request.Path} did not go on within {timeout.TotalSeconds:0} seconds; try again.",
                error);
        }
    }
}
