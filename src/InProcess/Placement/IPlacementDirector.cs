namespace Orleans.Runtime.Placement;

/// <summary>Chooses the silo of a new activation.</summary>
public interface IPlacementDirector
{
    /// <summary>Name of the <see cref="RequestContext"/> value that proposes a silo.</summary>
    public const string PlacementHintKey = nameof(PlacementHintKey);

    /// <summary>One of the compatible silos.</summary>
    Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);

    /// <summary>The proposed silo, if it is compatible; otherwise null.</summary>
    public static SiloAddress? GetPlacementHint(
        Dictionary<string, object> requestContextData, SiloAddress[] compatibleSilos) =>
        requestContextData is not null
            && requestContextData.TryGetValue(PlacementHintKey, out var value)
            && value is SiloAddress hint
            && compatibleSilos.Contains(hint)
            ? hint
            : null;
}
