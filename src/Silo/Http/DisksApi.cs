using SnapshotGrains.Client;
using SnapshotGrains.Silo.Exports;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/disks</c>: list, describe, clone, delete.</summary>
internal static class DisksApi
{
    public static void MapDisks(this IEndpointRouteBuilder routes)
    {
        var disks = routes.MapGroup(ApiRoutes.Disks).WithTags("disks");
        disks.MapGet("/", (SnapshotGrainsClient client, CancellationToken ct) => client.Control.ListDisksAsync(ct));
        disks.MapGet("/{name}", (string name, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.GetDiskAsync(name, ct));
        disks.MapPut("/{name}", async (
            string name, CloneRequest body, SnapshotGrainsClient client, CancellationToken ct) =>
            Results.Created(ApiRoutes.DiskOf(name), await client.CloneAsync(body.Snapshot, name, ct)));
        disks.MapPost("/", (BatchCloneRequest body, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.CloneAsync(body.Snapshot, body.Names, ct));
        disks.MapDelete("/{name}", async (
            string name, SnapshotGrainsClient client, OpenExports exports, CancellationToken ct) =>
        {
            exports.CheckClosed(name, "Disk");
            await client.Control.DeleteDiskAsync(name, ct);
            return Results.NoContent();
        });
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
