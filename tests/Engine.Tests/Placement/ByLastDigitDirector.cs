using Orleans.Runtime.Placement;

namespace SnapshotGrains.Engine.Tests.Placement;

public sealed class ByLastDigitDirector(ILocalSiloDetails silo) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        strategy.Should().BeOfType<ByLastDigitStrategy>();
        context.LocalSilo.Should().Be(silo.SiloAddress);
        var silos = context.GetCompatibleSilos(target).OrderBy(address => address.Endpoint.Port).ToArray();
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint)
        {
            return Task.FromResult(hint);
        }

        var digit = target.GrainIdentity.Key.ToString()![^1] - '0';
        return Task.FromResult(silos[digit % silos.Length]);
    }
}
