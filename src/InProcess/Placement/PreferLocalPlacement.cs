namespace Orleans.Runtime;

/// <summary>The caller's silo, if it takes activations.</summary>
public sealed class PreferLocalPlacement : PlacementStrategy;
