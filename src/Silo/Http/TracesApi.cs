using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/images/{id}/traces</c>: list, get, replace, add to and delete traces, encoded.</summary>
internal static class TracesApi
{
    private const string One = "/{profile}";

    public static void MapTraces(this IEndpointRouteBuilder routes)
    {
        var traces = routes.MapGroup($"{ApiRoutes.Images}/{{id}}/traces").WithTags("traces");
        traces.MapGet("/", (string id, ITracePlane plane, CancellationToken ct) =>
            plane.ListTracesAsync(SnapshotId.Parse(id), ct));
        traces.MapGet(One, async (string id, string profile, ITracePlane plane, CancellationToken ct) =>
            await plane.FindTraceAsync(NameOf(id, profile), ct) is { } trace
                ? Results.Bytes(trace, ApiRoutes.TraceMediaType)
                : throw TraceErrors.NoSuchTrace(NameOf(id, profile)));
        traces.MapPut(One, async (
            string id, string profile, HttpRequest request, ITracePlane plane, CancellationToken ct) =>
            await plane.ImportTraceAsync(NameOf(id, profile), await ReadAsync(request, ct), ct));
        traces.MapPost($"{One}/runs", async (
            string id, string profile, HttpRequest request, ITracePlane plane, CancellationToken ct) =>
        {
            await plane.RecordTraceAsync(NameOf(id, profile), await ReadAsync(request, ct), ct);
            return Results.NoContent();
        });
        traces.MapDelete(One, async (string id, string profile, ITracePlane plane, CancellationToken ct) =>
        {
            await plane.DeleteTraceAsync(NameOf(id, profile), ct);
            return Results.NoContent();
        });
    }

    private static TraceName NameOf(string id, string profile) =>
        new(SnapshotId.Parse(id), TraceName.CheckProfile(profile));

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var bytes = new byte[SegmentTrace.MaxEncodedBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        return length <= SegmentTrace.MaxEncodedBytes ? bytes.AsMemory(0, length) : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"The body has more than the {SegmentTrace.MaxEncodedBytes} bytes of a trace.");
    }
}
