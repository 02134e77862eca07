namespace Orleans.Runtime.Placement;

/// <summary>What a director may choose from.</summary>
public interface IPlacementContext
{
    /// <summary>The silo that places: the caller's, or a client's gateway.</summary>
    SiloAddress LocalSilo { get; }

    /// <summary>Its state.</summary>
    SiloStatus LocalSiloStatus { get; }

    /// <summary>The active silos that have the grain's class.</summary>
    /// <exception cref="OrleansException">There are none.</exception>
    SiloAddress[] GetCompatibleSilos(PlacementTarget target);
}
