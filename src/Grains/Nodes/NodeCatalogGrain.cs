using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Nodes;

/// <summary>Keeps what operators want of silos; what silos say of their own end is forgotten with it.</summary>
[Reentrant]
internal sealed class NodeCatalogGrain(
    [PersistentState("nodes", StorageNames.Metadata)] IPersistentState<NodeCatalogState> state,
    IGrainFactory grains,
    TimeProvider time) : Grain, INodeCatalogGrain
{
    private static readonly TimeSpan TellTimeout = TimeSpan.FromSeconds(2);

    private readonly NodeSurvey _silos = new(grains, TellTimeout, time);
    private readonly GroupWrite<NodeCatalogState> _write = new(state);
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);

    private HashSet<string> Draining => state.State.Draining;

    public async Task DrainAsync(string silo, CancellationToken cancellationToken)
    {
        await _write.RunAsync(undo =>
        {
            if (Draining.Add(silo))
            {
                undo.Add(() => Draining.Remove(silo));
            }

            return true;
        });
        await TellAsync(cancellationToken);
    }

    public async Task ResumeAsync(string silo, CancellationToken cancellationToken)
    {
        await _write.RunAsync(undo =>
        {
            if (Draining.Remove(silo))
            {
                undo.Add(() => Draining.Add(silo));
            }

            return true;
        });
        await TellAsync(cancellationToken);
    }

    public Task LeaveAsync(string address, CancellationToken cancellationToken)
    {
        _leaving.Add(address);
        return TellAsync(cancellationToken);
    }

    public Task<NodeDrains> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new NodeDrains([.. Draining], [.. _leaving]));

    /// <summary>A silo that is not reached asks by itself, before long.</summary>
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var silos = await _silos.ListAsync();
        _leaving.IntersectWith(silos.Select(silo => silo.ToParsableString()));
        var drains = await GetAsync(cancellationToken);
        await _silos.TellAsync(silos, node => node.SetDrainsAsync(drains, cancellationToken), cancellationToken);
    }
}
