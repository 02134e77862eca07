namespace Orleans.Placement;

/// <summary>Those who move activations in Orleans.</summary>
[Flags]
public enum ImmovableKind : byte
{
    /// <summary>The activation repartitioner.</summary>
    Repartitioner = 1,

    /// <summary>The activation rebalancer.</summary>
    Rebalancer = 2,

    /// <summary>Both.</summary>
    Any = 3,
}
