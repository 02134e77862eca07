using System.Net.Mime;
using Orleans;
using SnapshotGrains.Client;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Segments;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Http;

/// <summary>
/// <c>/v1/segments/{key}</c>: one segment's bytes, for readers in other processes. Who asks a process that does not
/// have the segment is sent to the one that does. HEAD has it loaded, like GET, and takes no bytes.
/// </summary>
internal static class SegmentsApi
{
    public static void MapSegments(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(ApiRoutes.Segments + "/{**key}", [HttpMethods.Get, HttpMethods.Head], SendAsync)
            .WithTags("segments");

    private static async Task SendAsync(
        string key,
        HttpContext context,
        SegmentDesk desk,
        ManifestCache manifests,
        IClusterClient grains,
        SiloProcess process)
    {
        // Covers the sending too: a reader that does not take its bytes must not keep them in the cache.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(process.Settings.ReadTimeout);
        var segment = SegmentKey.Parse(key);
        if (!segment.Replica.IsBase)
        {
            await CheckAsync(segment.Replica, manifests, grains, deadline.Token);
        }

        var length = await SegmentNames.CheckAsync(manifests, segment, deadline.Token);
        var found = await GiveAsync(desk, segment, length, context, deadline.Token);
        if (found.Bytes is not { } bytes)
        {
            SendThere(context, found.Location!, found.CopyOf);
            return;
        }

        try
        {
            await WriteAsync(context, segment, bytes, deadline.Token);
        }
        catch (OperationCanceledException) when (context.Response.HasStarted)
        {
            context.Abort();
        }
        finally
        {
            bytes.Release();
        }
    }

    /// <summary>The silo's own limit is the same as this one, and whichever comes first, it is a time-out.</summary>
    private static async ValueTask<LocatedSegment> GiveAsync(
        SegmentDesk desk, SegmentKey segment, int length, HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await desk.GiveAsync(segment, length, WishOf(context.Request), cancellationToken);
        }
        catch (OperationCanceledException error) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SegmentTimeout, $"Segment {segment} did not come in time; is the image center slow?", error);
        }
    }

    private static async Task WriteAsync(
        HttpContext context, SegmentKey segment, SegmentBuffer bytes, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.Headers.ETag = $"\"{segment.DigestHex}\"";
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = MediaTypeNames.Application.Octet;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            // Ranges are for GET (RFC 9110, section 14.2), and checksums would be computed for nobody.
            response.ContentLength = bytes.Length;
            return;
        }

        if (ByteRange.Of(context.Request.GetTypedHeaders(), bytes.Length) is not { } range)
        {
            response.Headers.ContentRange = $"bytes */{bytes.Length}";
            throw new BadHttpRequestException(
                $"Segment {segment} has {bytes.Length} bytes; ask for some of them.",
                StatusCodes.Status416RangeNotSatisfiable);
        }

        var content = bytes.Memory.Slice((int)range.Offset, (int)range.Length);
        response.ContentLength = content.Length;
        response.Headers[SegmentHeaders.Digest] = SegmentHeaders.Write(bytes.ContentDigest);
        response.Headers[SegmentHeaders.Checksum] = SegmentHeaders.Write(
            range.IsPart ? Crc32C.Compute(content.Span) : bytes.Checksum);
        if (range.IsPart)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange =
                $"bytes {range.Offset}-{range.Offset + range.Length - 1}/{bytes.Length}";
        }

        await response.Body.WriteAsync(content, cancellationToken);
    }

    private static SegmentWish WishOf(HttpRequest request)
    {
        var headers = request.Headers;
        string? dead = headers[SegmentHeaders.InsteadOf];
        return new SegmentWish(
            dead?.Split(',') ?? [],
            SegmentHeaders.ReadPriority(headers[SegmentHeaders.Priority]),
            headers[SegmentHeaders.CopyOf],
            headers[SegmentHeaders.Reader] == SegmentHeaders.SiloReader,
            IsForBytes: !HttpMethods.IsHead(request.Method));
    }

    private static void SendThere(HttpContext context, SegmentLocation place, string? copyOf)
    {
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.Location =
            new Uri(place.Http!, $"{context.Request.Path}{context.Request.QueryString}").AbsoluteUri;
        context.Response.Headers[SegmentHeaders.Owner] = place.Silo;
        if (copyOf is not null)
        {
            context.Response.Headers[SegmentHeaders.CopyOf] = copyOf;
        }
    }

    /// <summary>
    /// Nobody has segments made in formats that he thinks up, and what is encrypted is not decrypted for the network.
    /// </summary>
    private static async Task CheckAsync(
        ReplicaId replica, ManifestCache manifests, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (await grains.GetGrain<IReplicaCatalogGrain>(0).GetAsync(replica, cancellationToken) is null)
        {
            throw ReplicaCatalog.NoSuchReplica(replica);
        }

        var snapshot = await manifests.GetAsync(replica.Snapshot, cancellationToken);
        if (snapshot.Key is { } own && replica.Key is null)
        {
            throw new SnapshotGrainsException(
                ErrorCode.KeyUnavailable,
                $"Snapshot {replica.Snapshot} is encrypted under '{own.Name}'; its plaintext is not sent.");
        }
    }
}
