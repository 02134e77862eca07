using System.Text.Json.Serialization;

namespace SnapshotGrains;

/// <summary>Body of <c>POST /v1/disks</c>: clones one snapshot to several disks at once.</summary>
/// <param name="Snapshot">The snapshot to clone.</param>
/// <param name="Names">The new disks' names.</param>
/// <param name="Hydration">When they copy the snapshot's content.</param>
/// <param name="Layout">Which replica they are cloned from.</param>
/// <param name="Trace">Profile of their trace; null for the default, <c>none</c> for none.</param>
public sealed record BatchCloneRequest(
    SnapshotId Snapshot,
    IReadOnlyList<string> Names,
    HydrationMode Hydration = HydrationMode.Background,
    DiskLayout? Layout = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Trace = null);
