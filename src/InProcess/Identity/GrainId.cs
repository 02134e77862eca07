using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A grain's identity: its type and its key, written <c>type/key</c>.</summary>
[GenerateSerializer]
[Immutable]
public readonly struct GrainId(GrainType type, IdSpan key) : IEquatable<GrainId>, IComparable<GrainId>
{
    /// <summary>The type.</summary>
    public GrainType Type { get; } = type;

    /// <summary>The key.</summary>
    public IdSpan Key { get; } = key;

    /// <summary>Whether there is neither type nor key.</summary>
    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    /// <summary>The id of this type and key.</summary>
    public static GrainId Create(string type, string key) => Create(GrainType.Create(type), key);

    /// <summary>The id of this type and key.</summary>
    public static GrainId Create(GrainType type, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new(type, IdSpan.Create(key));
    }

    /// <summary>The id of this type and key.</summary>
    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    /// <summary>The inverse of <see cref="ToString"/>.</summary>
    /// <exception cref="ArgumentException">The text has no slash.</exception>
    public static GrainId Parse(string value) => TryParse(value, out var result)
        ? result
        : throw new ArgumentException($"Unable to parse \"{value}\" as a grain id");

    /// <summary>The inverse of <see cref="ToString"/>.</summary>
    public static bool TryParse(string? value, out GrainId result)
    {
        var slash = value?.IndexOf('/') ?? -1;
        result = slash < 0 ? default : new(GrainType.Create(value![..slash]), IdSpan.Create(value[(slash + 1)..]));
        return slash >= 0;
    }

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => (Type.GetUniformHashCode() * 31) + Key.GetUniformHashCode();

    /// <inheritdoc />
    public bool Equals(GrainId other) => Key.Equals(other.Key) && Type.Equals(other.Type);

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GrainId other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => unchecked((int)GetUniformHashCode());

    /// <inheritdoc />
    public int CompareTo(GrainId other)
    {
        var types = Type.CompareTo(other.Type);
        return types != 0 ? types : Key.CompareTo(other.Key);
    }

    /// <inheritdoc />
    public override string ToString() => $"{Type}/{Key}";

    /// <summary>Whether both are the same grain.</summary>
    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    /// <summary>Whether the two are different grains.</summary>
    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);
}
