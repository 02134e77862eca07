using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using SnapshotGrains.Client;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Exports;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/images</c>: list, describe, import, delete; the segment map for readers.</summary>
internal static class ImagesApi
{
    public static void MapImages(this IEndpointRouteBuilder routes)
    {
        var images = routes.MapGroup(ApiRoutes.Images).WithTags("images");
        images.MapGet("/", (SnapshotGrainsClient client, CancellationToken ct) => client.Control.ListImagesAsync(ct));
        images.MapGet("/{id}", (string id, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.GetImageAsync(SnapshotId.Parse(id), ct));
        images.MapPut("/{id}", ImportAsync);
        images.MapDelete("/{id}", DeleteAsync);
        images.MapGet("/{id}/segments", SegmentsAsync);
    }

    private static async Task<IResult> ImportAsync(
        string id,
        int? segmentSizeBytes,
        HttpContext context,
        IImageCenter center,
        ImportGate gate,
        CancellationToken ct)
    {
        var snapshot = SnapshotId.Parse(id);

        using var place = gate.Enter();

        // An image is as large as it is, and arrives as slowly as its disk reads; but it must arrive.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(60));
        }

        try
        {
            var request = new ImportRequest
            {
                Name = snapshot.Name,
                Snap = snapshot.Snap,
                SegmentSizeBytes = segmentSizeBytes ?? ImportRequest.DefaultSegmentSizeBytes,
            };
            var manifest = await center.ImportAsync(await WithContentAsync(request, context.Request, ct), ct);
            return Results.Created(ApiRoutes.ImageOf(snapshot), ImageDescription.Of(manifest));
        }
        catch (ImageCenterException error)
        {
            throw ImageErrors.Translate(error);
        }
    }

    /// <summary>A raw image, or one without its holes: the media type says which.</summary>
    private static async Task<ImportRequest> WithContentAsync(
        ImportRequest request, HttpRequest http, CancellationToken ct)
    {
        if (http.GetTypedHeaders().ContentType?.MediaType != SparseImageFormat.MediaType)
        {
            return request with { Content = http.Body, LengthBytes = http.ContentLength };
        }

        var reader = await SparseImageReader.OpenAsync(http.Body, ct);
        return request with { Reader = reader, LengthBytes = reader.LengthBytes };
    }

    private static async Task<IResult> DeleteAsync(
        string id, bool? defer, SnapshotGrainsClient client, OpenExports exports, CancellationToken ct)
    {
        var snapshot = SnapshotId.Parse(id);
        exports.CheckClosed(snapshot.ToString(), "Snapshot");
        return Results.Ok(new ImageDeletion(
            await client.Control.DeleteImageAsync(snapshot, defer == true, ct)));
    }

    private static async Task SegmentsAsync(
        string id, ManifestCache manifests, HttpResponse response, CancellationToken ct)
    {
        var manifest = await manifests.GetCurrentAsync(SnapshotId.Parse(id), ct);
        response.ContentType = "application/vnd.snapshotgrains.segment-map";
        if (ImageDescription.Of(manifest).Key is { } key)
        {
            response.Headers[SegmentHeaders.Key] = key.ToString();
        }

        manifest.Map.WriteTo(response.BodyWriter);
        await response.BodyWriter.FlushAsync(ct);
    }
}
