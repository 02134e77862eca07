namespace Orleans.Runtime;

/// <summary>Marks how a grain class's activations are placed; a director decides.</summary>
public abstract class PlacementStrategy;
