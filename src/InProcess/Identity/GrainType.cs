using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>The name of a grain class in ids.</summary>
[GenerateSerializer]
[Immutable]
public readonly struct GrainType(IdSpan id) : IEquatable<GrainType>, IComparable<GrainType>
{
    /// <summary>The name.</summary>
    public IdSpan Value { get; } = id;

    /// <summary>Whether there is no name.</summary>
    public bool IsDefault => Value.IsDefault;

    /// <summary>The type of this name.</summary>
    public static GrainType Create(string value) => new(IdSpan.Create(value));

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => Value.GetUniformHashCode();

    /// <inheritdoc />
    public bool Equals(GrainType obj) => Value.Equals(obj.Value);

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GrainType other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc />
    public int CompareTo(GrainType other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString();

    /// <summary>Whether both are the same type.</summary>
    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    /// <summary>Whether the two are different types.</summary>
    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);
}
