namespace Orleans.Runtime;

/// <summary>By the hash of the grain id over the silos in order.</summary>
public sealed class HashBasedPlacement : PlacementStrategy;
