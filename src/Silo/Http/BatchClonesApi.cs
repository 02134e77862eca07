using SnapshotGrains.Client;
using SnapshotGrains.Silo.Events;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/batch-clones</c>: plan, start, watch and cancel batch clones.</summary>
internal static class BatchClonesApi
{
    private const int DefaultResults = 1000;

    public static void MapBatchClones(this IEndpointRouteBuilder routes)
    {
        var batches = routes.MapGroup(ApiRoutes.BatchClones).WithTags("batch clones");
        batches.MapGet("/", (SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.ListBatchClonesAsync(ct));
        batches.MapGet("/{id}", (string id, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.GetBatchCloneAsync(id, ct));
        batches.MapPut("/{id}", StartAsync);
        batches.MapDelete("/{id}", CancelAsync);
        batches.MapGet(
            "/{id}/results",
            (string id, int? first, int? max, SnapshotGrainsClient client, CancellationToken ct) =>
                client.Control.ListBatchCloneResultsAsync(id, first ?? 0, max ?? DefaultResults, ct));
        routes.MapPost(ApiRoutes.BatchClonePlan, (
            BatchCloneSpec spec, SnapshotGrainsClient client, CancellationToken ct) =>
            client.Control.PlanBatchCloneAsync(spec, ct)).WithTags("batch clones");
    }

    /// <summary>Accepted: it runs, and is to be watched; else it has ended, well or not.</summary>
    private static async Task<IResult> StartAsync(
        string id, BatchCloneSpec spec, SnapshotGrainsClient client, EventHub events, CancellationToken ct)
    {
        var batch = await client.Control.StartBatchCloneAsync(id, spec, ct);
        events.Publish(batch);
        return batch.State == BatchCloneState.Running
            ? Results.Accepted(ApiRoutes.BatchCloneOf(id), batch)
            : Results.Ok(batch);
    }

    private static async Task<BatchClone> CancelAsync(
        string id, SnapshotGrainsClient client, EventHub events, CancellationToken ct)
    {
        var batch = await client.Control.CancelBatchCloneAsync(id, ct);
        events.Publish(batch);
        return batch;
    }
}
