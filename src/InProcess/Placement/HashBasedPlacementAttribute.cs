using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>Asks for <see cref="HashBasedPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new HashBasedPlacement());
