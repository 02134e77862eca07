namespace Orleans.Placement;

/// <summary>Marks a grain class that no rebalancer may move. Nothing moves activations in this engine.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class ImmovableAttribute(ImmovableKind kind = ImmovableKind.Any) : Attribute
{
    /// <summary>Who must leave the class alone.</summary>
    public ImmovableKind Kind { get; } = kind;
}
