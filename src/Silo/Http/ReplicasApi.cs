using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/replicas</c>: list, describe, create and delete derived replicas.</summary>
internal static class ReplicasApi
{
    private const string One = "/{snapshot}/{format}/{key}";

    public static void MapReplicas(this IEndpointRouteBuilder routes)
    {
        var replicas = routes.MapGroup(ApiRoutes.Replicas).WithTags("replicas");
        replicas.MapGet("/", (string? snapshot, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.ListReplicasAsync(snapshot is null ? null : SnapshotId.Parse(snapshot), ct));
        replicas.MapGet(One, (
            string snapshot, string format, string key, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.GetReplicaAsync(ReplicaName.Parse(snapshot, format, key), ct));
        replicas.MapPut(One, CreateAsync);
        replicas.MapDelete(One, async (
            string snapshot, string format, string key, SnapshotGrainsClient client, CancellationToken ct) =>
        {
            await client.Control.DeleteReplicaAsync(ReplicaName.Parse(snapshot, format, key), ct);
            return Results.NoContent();
        });
    }

    /// <summary>Accepted: it is being built, and is to be watched.</summary>
    private static async Task<IResult> CreateAsync(
        string snapshot,
        string format,
        string key,
        ReplicaRequest body,
        SnapshotGrainsClient client,
        CancellationToken ct)
    {
        var name = ReplicaName.Parse(snapshot, format, key);
        var replica = await client.Control.CreateReplicaAsync(name, body.Build, body.Keep, ct);
        return replica.State == ReplicaState.Building
            ? Results.Accepted(ApiRoutes.ReplicaOf(name), replica)
            : Results.Ok(replica);
    }
}
