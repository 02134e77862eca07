using System.Net.Http.Json;

namespace SnapshotGrains.Client;

/// <content>Derived replicas.</content>
public sealed partial class HttpControlPlane
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<ReplicaInfo>> ListReplicasAsync(
        SnapshotId? snapshot, CancellationToken cancellationToken) =>
        await http.GetApiAsync<ReplicaInfo[]>(
            ApiRoutes.Replicas + (snapshot is null ? "" : $"?snapshot={snapshot}"), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task<ReplicaInfo> GetReplicaAsync(ReplicaName replica, CancellationToken cancellationToken) =>
        http.GetApiAsync<ReplicaInfo>(ApiRoutes.ReplicaOf(replica), cancellationToken);

    /// <inheritdoc />
    public async Task<ReplicaInfo> CreateReplicaAsync(
        ReplicaName replica, ReplicaBuild build, bool keep, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ApiRoutes.ReplicaOf(replica))
        {
            Content = JsonContent.Create(new ReplicaRequest(build, keep), options: ApiJson.Options),
        };
        return await http.SendApiAsync<ReplicaInfo>(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task DeleteReplicaAsync(ReplicaName replica, CancellationToken cancellationToken) =>
        http.DeleteApiAsync(ApiRoutes.ReplicaOf(replica), cancellationToken);
}
