using System.Collections.Immutable;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>A replica does not hold the snapshot.</summary>
/// <param name="replica">The replica.</param>
/// <param name="number">Number of the snapshot's segment that is not what the replica has there.</param>
/// <param name="suspects">The replica's segments that it was gathered from.</param>
internal sealed class ReplicaMismatchException(ReplicaId replica, long number, ImmutableArray<Digest> suspects)
    : Exception(
        $"Replica {replica} does not hold segment {number} of its snapshot; the {suspects.Length} segments that should "
        + "have it were dropped. Build it again.")
{
    /// <summary>The replica's segments that are not to be trusted.</summary>
    public ImmutableArray<Digest> Suspects => suspects;
}
