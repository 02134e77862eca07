using SnapshotGrains.Client;
using SnapshotGrains.Exports;
using SnapshotGrains.Silo.Events;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/disks</c>: list, describe, clone, resize, hydrate, snapshot, delete.</summary>
internal static class DisksApi
{
    public static void MapDisks(this IEndpointRouteBuilder routes)
    {
        var disks = routes.MapGroup(ApiRoutes.Disks).WithTags("disks");
        disks.MapGet("/", (SnapshotGrainsClient client, CancellationToken ct) => client.Control.ListDisksAsync(ct));
        disks.MapGet("/{name}", (string name, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.GetDiskAsync(name, ct));
        disks.MapPut("/{name}", async (
            string name, CloneRequest body, SnapshotGrainsClient client, EventHub events, CancellationToken ct) =>
            Results.Created(
                ApiRoutes.DiskOf(name),
                (await CloneAsync(
                    client, events, body.Snapshot, [name], new(body.Hydration, body.Layout, body.Trace), ct))[0]));
        disks.MapPost("/", (
            BatchCloneRequest body, SnapshotGrainsClient client, EventHub events, CancellationToken ct) =>
            CloneAsync(
                client, events, body.Snapshot, body.Names, new(body.Hydration, body.Layout, body.Trace), ct));
        disks.MapGet("/{name}/location", (string name, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.LocateDiskAsync(name, ct));
        disks.MapDelete("/{name}", async (string name, SnapshotGrainsClient client, CancellationToken ct) =>
        {
            await client.Control.DeleteDiskAsync(name, ct);
            return Results.NoContent();
        });
        disks.MapPost("/{name}/resize", (
            string name, ResizeRequest body, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.ResizeDiskAsync(name, body.SizeBytes, ct));
        disks.MapPost("/{name}/snapshots", (
            string name, SnapshotRequest body, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.SnapshotDiskAsync(name, body.Snapshot, ct));
        disks.MapGet("/{name}/hydration", (string name, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.GetHydrationAsync(name, ct));
        disks.MapPost("/{name}/hydration", (
            string name, HydrationRequest body, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.ControlHydrationAsync(name, body.Command, ct));
        routes.MapPut(ApiRoutes.Hydration, async (
            HydrationLimit body, SnapshotGrainsClient client, CancellationToken ct) =>
        {
            await client.Control.SetHydrationLimitAsync(body.BytesPerSecond, ct);
            return Results.NoContent();
        });
    }

    /// <summary>New disks have no home yet that could tell of them.</summary>
    private static async Task<IReadOnlyList<DiskInfo>> CloneAsync(
        SnapshotGrainsClient client,
        EventHub events,
        SnapshotId snapshot,
        IReadOnlyList<string> names,
        CloneOptions options,
        CancellationToken ct)
    {
        using var news = events.BeginClone(names);
        var disks = await client.Control.CloneAsync(snapshot, names, options, ct);
        news.Publish(disks);
        return disks;
    }

    /// <summary>What is open here must not lose its data under its reader.</summary>
    public static void CheckClosed(this OpenExports exports, string name, string what)
    {
        var open = exports.CountOf(name);
        if (open > 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse, $"{what} '{name}' is open in {open} connections; disconnect them first.");
        }
    }
}
