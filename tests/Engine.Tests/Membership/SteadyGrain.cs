using System.Collections.Concurrent;
using SnapshotGrains.Engine.Tests.Cluster;
using SnapshotGrains.Engine.Tests.Placement;

namespace SnapshotGrains.Engine.Tests.Membership;

/// <summary>Placed by the last digit of its key.</summary>
[ByLastDigit]
public sealed class SteadyGrain(ILocalSiloDetails silo) : Grain, ISteadyGrain
{
    public static ConcurrentDictionary<string, DeactivationReasonCode> Deactivated { get; } = new();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (!cancellationToken.IsCancellationRequested)
        {
            Deactivated[this.GetPrimaryKeyString()] = reason.ReasonCode;
        }

        return Task.CompletedTask;
    }

    public Task<string> SiloAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public async Task<string> WorkAsync(string gate)
    {
        await Gate.Of(gate).PassAsync();
        return silo.SiloAddress.ToParsableString();
    }

    public Task<string> WorkElsewhereAsync(string other, string gate) =>
        GrainFactory.GetGrain<ISteadyGrain>(other).WorkAsync(gate);
}
