using System.Net.Mime;
using SnapshotGrains.Client;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/segments/{key}</c>: one segment's bytes, for readers in other processes.</summary>
internal static class SegmentsApi
{
    public static void MapSegments(this IEndpointRouteBuilder routes) =>
        routes.MapGet(ApiRoutes.Segments + "/{**key}", SendAsync).WithTags("segments");

    private static async Task SendAsync(
        string key, HttpContext context, IDataPlane data, ManifestCache manifests, SiloProcess process)
    {
        // Covers the sending too: a reader that does not take its bytes must not keep them in the cache.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(process.Settings.ReadTimeout);
        var segment = SegmentKey.Parse(key);
        var digest = Digest.Parse(segment.DigestHex);
        var length = segment.Replica.IsBase ? await LengthAsync(segment, digest, manifests, deadline.Token) : 0;
        var bytes = await data.LeaseAsync(segment, digest, length, deadline.Token);
        var response = context.Response;
        try
        {
            response.ContentType = MediaTypeNames.Application.Octet;
            response.ContentLength = bytes.Length;
            response.Headers[SegmentHeaders.Digest] = SegmentHeaders.Write(bytes.ContentDigest);
            response.Headers.ETag = $"\"{segment.DigestHex}\"";
            await response.Body.WriteAsync(bytes.Memory, deadline.Token);
        }
        catch (OperationCanceledException) when (response.HasStarted)
        {
            context.Abort();
        }
        finally
        {
            bytes.Release();
        }
    }

    private static async Task<int> LengthAsync(
        SegmentKey segment, Digest digest, ManifestCache manifests, CancellationToken cancellationToken)
    {
        var map = (await manifests.GetAsync(segment.Snapshot, cancellationToken)).Map;
        if (!Holds(map, segment, digest))
        {
            map = (await manifests.RefreshAsync(segment.Snapshot, cancellationToken)).Map;
        }

        return Holds(map, segment, digest)
            ? map.LengthOf(segment.Number)
            : throw new SnapshotGrainsException(
                ErrorCode.NotFound, $"Snapshot {segment.Snapshot} has no segment {segment.Number} of that digest.");
    }

    private static bool Holds(SegmentMap map, SegmentKey segment, Digest digest) =>
        segment.Number < map.SegmentCount && !map.IsZero(segment.Number) && map.DigestOf(segment.Number) == digest;
}
