using System.Globalization;
using System.Net.Http.Json;

namespace SnapshotGrains.Client;

/// <content>Batch clones.</content>
public sealed partial class HttpControlPlane
{
    /// <inheritdoc />
    public async Task<BatchClone> StartBatchCloneAsync(
        string id, BatchCloneSpec spec, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ApiRoutes.BatchCloneOf(id))
        {
            Content = JsonContent.Create(spec, options: ApiJson.Options),
        };
        return await http.SendApiAsync<BatchClone>(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<BatchClone> GetBatchCloneAsync(string id, CancellationToken cancellationToken) =>
        http.GetApiAsync<BatchClone>(ApiRoutes.BatchCloneOf(id), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<BatchClone>> ListBatchClonesAsync(CancellationToken cancellationToken) =>
        await http.GetApiAsync<BatchClone[]>(ApiRoutes.BatchClones, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<BatchCloneResult>> ListBatchCloneResultsAsync(
        string id, int first, int max, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"?first={first}&max={max}");
        return await http.GetApiAsync<BatchCloneResult[]>(
            $"{ApiRoutes.BatchCloneOf(id)}/results{query}", cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<BatchClone> CancelBatchCloneAsync(string id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, ApiRoutes.BatchCloneOf(id));
        return await http.SendApiAsync<BatchClone>(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<BatchClonePlan> PlanBatchCloneAsync(BatchCloneSpec spec, CancellationToken cancellationToken) =>
        http.PostApiAsync<BatchCloneSpec, BatchClonePlan>(
            ApiRoutes.BatchClonePlan, spec, cancellationToken);
}
