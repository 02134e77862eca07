using Orleans;

namespace SnapshotGrains.Client;

/// <content>Silos.</content>
public sealed partial class GrainControlPlane
{
    private INodeCatalogGrain NodeCatalog => grains.GetGrain<INodeCatalogGrain>(0);

    /// <inheritdoc />
    public Task<NodeInfo> DrainNodeAsync(string node, CancellationToken cancellationToken) => ChangeAsync(
        node, () => NodeCatalog.DrainAsync(node, cancellationToken),
        silo => silo.HandOverAsync(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<NodeInfo> ResumeNodeAsync(string node, CancellationToken cancellationToken) => ChangeAsync(
        node, () => NodeCatalog.ResumeAsync(node, cancellationToken), static _ => Task.CompletedTask,
        cancellationToken);

    /// <summary>Tells the cluster that a silo is about to leave.</summary>
    /// <param name="address">The silo's address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task LeaveAsync(string address, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(() => NodeCatalog.LeaveAsync(address, cancellationToken), time, cancellationToken);

    private async Task<NodeInfo> ChangeAsync(
        string node, Func<Task> record, Func<INodeGrain, Task> tell, CancellationToken cancellationToken)
    {
        var silo = await FindNodeAsync(node, cancellationToken).ConfigureAwait(false);
        await GrainCalls.RepeatAsync(record, time, cancellationToken).ConfigureAwait(false);
        await GrainCalls.RepeatAsync(
            () => tell(grains.GetGrain<INodeGrain>(silo.Address)), time, cancellationToken).ConfigureAwait(false);
        return await FindNodeAsync(node, cancellationToken).ConfigureAwait(false);
    }

    private async Task<NodeInfo> FindNodeAsync(string name, CancellationToken cancellationToken)
    {
        var nodes = await ListNodesAsync(cancellationToken).ConfigureAwait(false);
        return nodes.FirstOrDefault(node => node.Name == name) ?? throw new SnapshotGrainsException(
            ErrorCode.NotFound,
            $"No silo '{name}' answers; there are {string.Join(", ", nodes.Select(node => node.Name))}.");
    }
}
