using System.Net.Mime;
using Orleans;
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
        string key,
        HttpContext context,
        IDataPlane data,
        ManifestCache manifests,
        IClusterClient grains,
        SiloProcess process)
    {
        // Covers the sending too: a reader that does not take its bytes must not keep them in the cache.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(process.Settings.ReadTimeout);
        var segment = SegmentKey.Parse(key);
        var digest = Digest.Parse(segment.DigestHex);
        var length = 0;
        if (segment.Replica.IsBase)
        {
            length = await LengthAsync(segment, digest, manifests, deadline.Token);
        }
        else
        {
            await CheckAsync(segment.Replica, manifests, grains, deadline.Token);
        }

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
