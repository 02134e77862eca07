using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Orleans.Runtime;

/// <summary>A part of an identity: UTF-8 bytes with a stable hash.</summary>
[GenerateSerializer]
[Immutable]
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    private readonly byte[]? _value;
    private readonly int _hash;

    /// <summary>Takes ownership of <paramref name="value"/>.</summary>
    public IdSpan(byte[] value)
    {
        _value = value;
        _hash = (int)StableHash.Compute(value);
    }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    /// <summary>Whether there are no bytes.</summary>
    public bool IsDefault => _value is null || _value.Length == 0;

    /// <summary>The UTF-8 bytes of <paramref name="id"/>.</summary>
    public static IdSpan Create(string id) => new(Encoding.UTF8.GetBytes(id));

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => _value;

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => unchecked((uint)_hash);

    /// <inheritdoc />
    public bool Equals(IdSpan obj) => _value == obj._value
        || (_value is not null && obj._value is not null && _value.AsSpan().SequenceEqual(obj._value));

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _hash;

    /// <inheritdoc />
    public int CompareTo(IdSpan other) => _value.AsSpan().SequenceCompareTo(other._value);

    /// <inheritdoc />
    public override string ToString() => _value is null ? string.Empty : Encoding.UTF8.GetString(_value);

    /// <summary>Whether both hold the same bytes.</summary>
    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    /// <summary>Whether the two hold different bytes.</summary>
    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);
}
