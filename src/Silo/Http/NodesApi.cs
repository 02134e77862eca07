using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/nodes</c> and <c>/v1/status</c>.</summary>
internal static class NodesApi
{
    public static void MapNodes(this IEndpointRouteBuilder routes)
    {
        var nodes = routes.MapGroup(ApiRoutes.Nodes).WithTags("nodes");
        nodes.MapGet("/", (SnapshotGrainsClient client, CancellationToken ct) => client.Control.ListNodesAsync(ct));
        nodes.MapPost("/{name}/stop", async (string name, bool? abrupt, SiloProcess process, CancellationToken ct) =>
        {
            await (abrupt == true ? process.KillSiloAsync(name) : process.StopSiloAsync(name, ct));
            return Results.NoContent();
        });
        nodes.MapPost("/{name}/drain", (string name, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.DrainNodeAsync(name, ct));
        nodes.MapPost("/{name}/resume", (string name, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.ResumeNodeAsync(name, ct));
        routes.MapGet(ApiRoutes.Status, (SiloProcess process, CancellationToken ct) => process.GetStatusAsync(ct));
    }
}
