using System.Net.Mime;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/segments/{key}</c>: one segment's bytes, for readers in other processes.</summary>
internal static class SegmentsApi
{
    public static void MapSegments(this IEndpointRouteBuilder routes) =>
        routes.MapGet(ApiRoutes.Segments + "/{**key}", SendAsync).WithTags("segments");

    private static async Task SendAsync(
        string key, HttpResponse response, IDataPlane data, CancellationToken cancellationToken)
    {
        var segment = SegmentKey.Parse(key);
        var digest = Digest.Parse(segment.DigestHex);
        var map = await data.GetSegmentMapAsync(segment.Snapshot, cancellationToken);
        if (segment.Number >= map.SegmentCount || map.IsZero(segment.Number)
            || map.DigestOf(segment.Number) != digest)
        {
            throw new SnapshotGrainsException(
                ErrorCode.NotFound, $"Snapshot {segment.Snapshot} has no segment {segment.Number} of that digest.");
        }

        var bytes = await data.LeaseAsync(segment, digest, map.LengthOf(segment.Number), cancellationToken);
        try
        {
            response.ContentType = MediaTypeNames.Application.Octet;
            response.ContentLength = bytes.Length;
            response.Headers.ETag = $"\"{segment.DigestHex}\"";
            await response.Body.WriteAsync(bytes.Memory, cancellationToken);
        }
        finally
        {
            bytes.Release();
        }
    }
}
