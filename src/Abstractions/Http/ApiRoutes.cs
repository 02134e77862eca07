namespace SnapshotGrains;

/// <summary>The paths of the HTTP API, shared by the silo and its clients.</summary>
public static class ApiRoutes
{
    /// <summary>Images: list, describe, import (PUT), delete.</summary>
    public const string Images = "/v1/images";

    /// <summary>Disks: list, describe, clone (PUT), delete.</summary>
    public const string Disks = "/v1/disks";

    /// <summary>Cluster nodes and their counters.</summary>
    public const string Nodes = "/v1/nodes";

    /// <summary>The server as a whole.</summary>
    public const string Status = "/v1/status";

    /// <summary>Segment bytes, by <see cref="SegmentKey"/>.</summary>
    public const string Segments = "/v1/segments";

    /// <summary>Where a snapshot's segment map is.</summary>
    public static string SegmentMapOf(SnapshotId snapshot) => $"{Images}/{snapshot}/segments";

    /// <summary>Where an image is.</summary>
    public static string ImageOf(SnapshotId snapshot) => $"{Images}/{snapshot}";

    /// <summary>Where a disk is.</summary>
    public static string DiskOf(string disk) => $"{Disks}/{Uri.EscapeDataString(disk)}";
}
