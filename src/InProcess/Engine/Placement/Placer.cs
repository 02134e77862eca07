using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using SnapshotGrains.InProcess.Calls;
using SnapshotGrains.InProcess.Classes;
using SnapshotGrains.InProcess.Cluster;

namespace SnapshotGrains.InProcess.Placement;

/// <summary>Finds the activation for a call, or asks the class's director where to make one.</summary>
internal sealed class Placer(ProcessCluster cluster)
{
    // The chosen silo may stop before the activation is made there.
    private const int MaxAttempts = 16;

    private static readonly PlacementStrategy Default = new RandomPlacement();

    /// <summary>Never fails: the call is told instead.</summary>
    public async Task PlaceAsync(GrainCall call)
    {
        try
        {
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                if (call.IsAbandoned)
                {
                    return;
                }

                if (cluster.TryFind(call.Target, out var activation)
                    || (activation = await MakeAsync(call).ConfigureAwait(false)) is not null)
                {
                    cluster.Delivery.Request(call, activation!);
                    return;
                }
            }

            call.Reject(new OrleansMessageRejectionException(
                $"{call} found no silo in {MaxAttempts} attempts: those chosen stopped meanwhile."));
        }
        catch (Exception exception)
        {
            call.Reject(exception);
        }
    }

    private async Task<Activations.Activation?> MakeAsync(GrainCall call)
    {
        var local = call.Sender.PlacingSilo;
        var grainClass = GrainClasses.Find(call.Target.Type);
        var strategy = grainClass.Strategy ?? local.Services.GetService<PlacementStrategy>() ?? Default;
        var director = local.Services.GetKeyedService<IPlacementDirector>(strategy.GetType())
            ?? throw new OrleansException(
                $"No placement director for {strategy.GetType()}; call AddPlacementDirector on every silo.");
        var target = new PlacementTarget(call.Target, call.Context!, call.Method.InterfaceType, 0);
        var context = new PlacementContext(local);
        var address = await director.OnAddActivation(strategy, target, context).ConfigureAwait(false);
        return cluster.Find(address) switch
        {
            null => throw new OrleansException(
                $"{director.GetType()} placed {call.Target} on {address}, which is no silo."),
            { Status: SiloStatus.Active } silo => cluster.GetOrAdd(silo, grainClass, call),
            _ => null,
        };
    }
}
