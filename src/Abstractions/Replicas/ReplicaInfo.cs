using Orleans;

namespace SnapshotGrains;

/// <summary>A derived replica: what is recorded of it, and how much of it is there.</summary>
/// <param name="Id">The replica.</param>
/// <param name="Build">When its segments are made.</param>
/// <param name="IsKept">Whether they are kept on disk.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="CreatedAt">When it was recorded first.</param>
/// <param name="Segments">Its segments that hold data.</param>
/// <param name="BuiltSegments">Those of them that are kept on disk now.</param>
/// <param name="BuiltBytes">Bytes of these.</param>
/// <param name="ResidentSegments">Those that are in the silos' caches now.</param>
/// <param name="SourceSegments">The snapshot's own segments that hold data, which a build verifies.</param>
/// <param name="VerifiedSegments">Those of them that the replica was found to hold.</param>
/// <param name="LogicalDigest">
/// SHA-256 over the digests of all of the snapshot's segments in their order, 32 zero bytes for one that is all zero,
/// in hexadecimal digits: of the bytes that the replica was found to hold. Null when it was not verified.
/// </param>
/// <param name="BytesPerSecond">How fast it is being built or verified; 0 when it is not.</param>
/// <param name="EtaSeconds">Time until ready at that rate; null when it is not built or is just starting.</param>
/// <param name="Problem">Why it has failed, or what holds its build up; else null.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.ReplicaInfo")]
public sealed record ReplicaInfo(
    [property: Id(0)] ReplicaId Id,
    [property: Id(1)] ReplicaBuild Build,
    [property: Id(2)] bool IsKept,
    [property: Id(3)] ReplicaState State,
    [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] long Segments = 0,
    [property: Id(6)] long BuiltSegments = 0,
    [property: Id(7)] long BuiltBytes = 0,
    [property: Id(8)] long ResidentSegments = 0,
    [property: Id(9)] long SourceSegments = 0,
    [property: Id(10)] long VerifiedSegments = 0,
    [property: Id(11)] string? LogicalDigest = null,
    [property: Id(12)] double BytesPerSecond = 0,
    [property: Id(13)] double? EtaSeconds = null,
    [property: Id(14)] string? Problem = null)
{
    /// <summary>Share of the work of a build that is done, from 0 to 1: half of it is to make segments, half to verify
    /// them.</summary>
    public double Fraction => State == ReplicaState.Ready
        ? 1 : (ShareOf(BuiltSegments, Segments) + ShareOf(VerifiedSegments, SourceSegments)) / 2;

    private static double ShareOf(long part, long whole) =>
        whole == 0 ? 1 : Math.Clamp((double)part / whole, 0, 1);
}
