using System.Text;

namespace SnapshotGrains.Storage;

/// <summary>A node that may own segments: a stable id and a weight.</summary>
public readonly struct RendezvousNode : IEquatable<RendezvousNode>
{
    /// <summary>Names a node by a 64-bit id that is the same in every process.</summary>
    /// <param name="id">Stable id of the node.</param>
    /// <param name="weight">Share relative to the other nodes, usually cache bytes; 0 = takes none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative, infinite or not a number.</exception>
    public RendezvousNode(ulong id, double weight)
    {
        if (!double.IsFinite(weight) || weight < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "A weight is a finite number, 0 or more.");
        }

        Id = id;
        Weight = weight;
    }

    /// <summary>Names a node by text, hashed by <see cref="StableId"/>.</summary>
    public RendezvousNode(string name, double weight)
        : this(StableId(name), weight)
    {
    }

    /// <summary>Stable id of the node.</summary>
    public ulong Id { get; }

    /// <summary>Relative share of the segments.</summary>
    public double Weight { get; }

    /// <summary>
    /// A 64-bit hash of a name that never changes between processes, machines or versions: FNV-1a over UTF-8,
    /// finished by SplitMix64.
    /// </summary>
    public static ulong StableId(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var hash = 0xCBF29CE484222325UL;
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ octet) * 0x100000001B3UL;
        }

        return RendezvousHash.Mix(hash);
    }

    /// <inheritdoc/>
    public bool Equals(RendezvousNode other) => Id == other.Id && Weight.Equals(other.Weight);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RendezvousNode other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Weight);
}
