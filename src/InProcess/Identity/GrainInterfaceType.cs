using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>The name of a grain interface.</summary>
[GenerateSerializer]
[Immutable]
public readonly struct GrainInterfaceType(IdSpan value) : IEquatable<GrainInterfaceType>
{
    /// <summary>The name.</summary>
    public IdSpan Value { get; } = value;

    /// <summary>Whether there is no name.</summary>
    public bool IsDefault => Value.IsDefault;

    /// <summary>The interface of this name.</summary>
    public static GrainInterfaceType Create(string value) => new(IdSpan.Create(value));

    /// <inheritdoc />
    public bool Equals(GrainInterfaceType other) => Value.Equals(other.Value);

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GrainInterfaceType other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => Value.ToString();

    /// <summary>Whether both are the same interface.</summary>
    public static bool operator ==(GrainInterfaceType left, GrainInterfaceType right) => left.Equals(right);

    /// <summary>Whether the two are different interfaces.</summary>
    public static bool operator !=(GrainInterfaceType left, GrainInterfaceType right) => !left.Equals(right);
}
