using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>Asks for <see cref="PreferLocalPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());
