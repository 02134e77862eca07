using Orleans;

namespace SnapshotGrains;

/// <summary>How new disks are made.</summary>
/// <param name="Hydration">When they copy the snapshot's content.</param>
/// <param name="Layout">Which replica they are cloned from; null: what fits best.</param>
/// <param name="Trace">Profile of the trace that they add to and are loaded ahead by; null for
/// <see cref="TraceName.DefaultProfile"/>, <see cref="TraceName.NoProfile"/> for none.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.CloneOptions")]
public sealed record CloneOptions(
    [property: Id(0)] HydrationMode Hydration = HydrationMode.Background,
    [property: Id(1)] DiskLayout? Layout = null,
    [property: Id(2)] string? Trace = null)
{
    /// <summary>Disks that hydrate in this way, of the replica that fits best.</summary>
    public static implicit operator CloneOptions(HydrationMode hydration) => new(hydration);
}
