using Orleans;

namespace SnapshotGrains;

/// <summary>
/// Names a trace: what clones of a snapshot that are used alike have in common. Written <c>name@snap/profile</c>.
/// </summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Profile">What the clones are used for; see <see cref="ResourceName"/>.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.TraceName")]
public sealed record TraceName(
    [property: Id(0)] SnapshotId Snapshot, [property: Id(1)] string Profile = TraceName.DefaultProfile)
{
    /// <summary>The profile of clones that name none.</summary>
    public const string DefaultProfile = "default";

    /// <summary>What stands for no profile: nothing is recorded of such a clone, and nothing loaded ahead for it.
    /// </summary>
    public const string NoProfile = "none";

    /// <summary>The trace of a disk's kind; null if it has none.</summary>
    public static TraceName? Of(DiskInfo disk) =>
        disk.Trace == NoProfile ? null : new TraceName(disk.Parent, disk.Trace ?? DefaultProfile);

    /// <summary>Returns <paramref name="profile"/> when it can be that of a trace.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static string CheckProfile(string? profile) => profile != NoProfile
        ? ResourceName.Check(profile, "profile")
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"'{NoProfile}' stands for no profile; name another, as '{DefaultProfile}'.");

    /// <summary>The written form.</summary>
    public override string ToString() => $"{Snapshot}/{Profile}";
}
