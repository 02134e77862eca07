using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>How a grain class asks for its placement.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public abstract class PlacementAttribute : Attribute
{
    /// <summary>Asks for this strategy.</summary>
    protected PlacementAttribute(PlacementStrategy placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        PlacementStrategy = placement;
    }

    /// <summary>The strategy.</summary>
    public PlacementStrategy PlacementStrategy { get; }
}
