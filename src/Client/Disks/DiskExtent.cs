using System.Text.Json.Serialization;

namespace SnapshotGrains.Client;

/// <summary>A run of a disk's bytes that are alike.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="IsZero">Whether it is known to read as zeros and takes no space; false says nothing.</param>
/// <param name="IsInherited">Whether it is known to come from the parent snapshot; told of stored bytes only.</param>
public readonly record struct DiskExtent(
    long Offset,
    long Length,
    bool IsZero,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsInherited = false);
