using Orleans;

namespace SnapshotGrains.Client;

/// <content>Silos.</content>
public sealed partial class GrainControlPlane
{
    private INodeCatalogGrain NodeCatalog => grains.GetGrain<INodeCatalogGrain>(0);

    /// <inheritdoc />
    public async Task<NodeInfo> DrainNodeAsync(string node, CancellationToken cancellationToken)
    {
        var silo = await FindNodeAsync(node, cancellationToken).ConfigureAwait(false);
        await GrainCalls.RepeatAsync(() => NodeCatalog.DrainAsync(node, cancellationToken), time, cancellationToken)
            .ConfigureAwait(false);
        await GrainCalls.RepeatAsync(
            () => grains.GetGrain<INodeGrain>(silo.Address).HandOverAsync(cancellationToken), time, cancellationToken)
            .ConfigureAwait(false);
        return await FindNodeAsync(node, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<NodeInfo> ResumeNodeAsync(string node, CancellationToken cancellationToken)
    {
        await FindNodeAsync(node, cancellationToken).ConfigureAwait(false);
        await GrainCalls.RepeatAsync(() => NodeCatalog.ResumeAsync(node, cancellationToken), time, cancellationToken)
            .ConfigureAwait(false);
        return await FindNodeAsync(node, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the cluster that a silo is about to leave.</summary>
    /// <param name="address">The silo's address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task LeaveAsync(string address, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(() => NodeCatalog.LeaveAsync(address, cancellationToken), time, cancellationToken);

    private async Task<NodeInfo> FindNodeAsync(string name, CancellationToken cancellationToken)
    {
        var nodes = await ListNodesAsync(cancellationToken).ConfigureAwait(false);
        return nodes.FirstOrDefault(node => node.Name == name) ?? throw new SnapshotGrainsException(
            ErrorCode.NotFound,
            $"No silo '{name}' answers; there are {string.Join(", ", nodes.Select(node => node.Name))}.");
    }
}
