using System.Text.Json.Serialization;

namespace SnapshotGrains;

/// <summary>Body of <c>PUT /v1/disks/{name}</c>.</summary>
/// <param name="Snapshot">The snapshot to clone.</param>
/// <param name="Hydration">When the disk copies the snapshot's content.</param>
/// <param name="Layout">Which replica it is cloned from.</param>
/// <param name="Trace">Profile of their trace; null for the default, <c>none</c> for none.</param>
public sealed record CloneRequest(
    SnapshotId Snapshot, HydrationMode Hydration = HydrationMode.Background, DiskLayout? Layout = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Trace = null);
