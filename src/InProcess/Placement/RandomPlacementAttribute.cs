using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>Asks for <see cref="RandomPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());
