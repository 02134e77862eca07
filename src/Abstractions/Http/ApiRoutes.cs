namespace SnapshotGrains;

/// <summary>The paths of the HTTP API, shared by the silo and its clients.</summary>
public static class ApiRoutes
{
    /// <summary>Images: list, describe, import (PUT), delete.</summary>
    public const string Images = "/v1/images";

    /// <summary>Disks: list, describe, clone (PUT), delete.</summary>
    public const string Disks = "/v1/disks";

    /// <summary>Data keys: list, describe, create (PUT), delete.</summary>
    public const string Keys = "/v1/keys";

    /// <summary>Where all keys are wrapped anew.</summary>
    public const string KeyRotation = $"{Keys}/rotate";

    /// <summary>Derived replicas: list, describe, create (PUT), delete.</summary>
    public const string Replicas = "/v1/replicas";

    /// <summary>The cap on what hydration reads.</summary>
    public const string Hydration = "/v1/hydration";

    /// <summary>Server-sent events: changes of disks and operations.</summary>
    public const string Events = "/v1/events";

    /// <summary>Batch clones: start, describe, cancel.</summary>
    public const string BatchClones = "/v1/batch-clones";

    /// <summary>Where a batch clone is planned.</summary>
    public const string BatchClonePlan = $"{BatchClones}/plan";

    /// <summary>Cluster nodes and their counters.</summary>
    public const string Nodes = "/v1/nodes";

    /// <summary>The server as a whole.</summary>
    public const string Status = "/v1/status";

    /// <summary>Whether the process answers; needs no rights.</summary>
    public const string Live = "/healthz/live";

    /// <summary>Segment bytes, by <see cref="SegmentKey"/>.</summary>
    public const string Segments = "/v1/segments";

    /// <summary>Media type of an encoded trace (docs/FORMATS.md).</summary>
    public const string TraceMediaType = "application/vnd.snapshotgrains.trace";

    /// <summary>Where a snapshot's traces are.</summary>
    public static string TracesOf(SnapshotId snapshot) => $"{ImageOf(snapshot)}/traces";

    /// <summary>Where a trace is.</summary>
    public static string TraceOf(TraceName trace) => $"{TracesOf(trace.Snapshot)}/{trace.Profile}";

    /// <summary>Where runs of clones are added to a trace.</summary>
    public static string TraceRunsOf(TraceName trace) => $"{TraceOf(trace)}/runs";

    /// <summary>Where a snapshot's segment map is.</summary>
    public static string SegmentMapOf(SnapshotId snapshot) => $"{Images}/{snapshot}/segments";

    /// <summary>Where an image is.</summary>
    public static string ImageOf(SnapshotId snapshot) => $"{Images}/{snapshot}";

    /// <summary>Where a disk is.</summary>
    public static string DiskOf(string disk) => $"{Disks}/{Uri.EscapeDataString(disk)}";

    /// <summary>Where a key is.</summary>
    public static string KeyOf(string key) => $"{Keys}/{Uri.EscapeDataString(key)}";

    /// <summary>Where a key is wrapped anew.</summary>
    public static string RotationOf(string key) => $"{KeyOf(key)}/rotate";

    /// <summary>Where a key is revoked.</summary>
    public static string RevocationOf(string key) => $"{KeyOf(key)}/revoke";

    /// <summary>Where a derived replica is.</summary>
    public static string ReplicaOf(ReplicaName replica) => $"{Replicas}/{replica}";

    /// <summary>Where a batch clone is.</summary>
    public static string BatchCloneOf(string id) => $"{BatchClones}/{Uri.EscapeDataString(id)}";

    /// <summary>Where a disk's hydration is.</summary>
    public static string HydrationOf(string disk) => $"{DiskOf(disk)}/hydration";

    /// <summary>Where a disk is resized.</summary>
    public static string ResizeOf(string disk) => $"{DiskOf(disk)}/resize";

    /// <summary>Where snapshots of a disk are made.</summary>
    public static string SnapshotsOf(string disk) => $"{DiskOf(disk)}/snapshots";

    /// <summary>Where a silo is drained.</summary>
    public static string DrainOf(string node) => $"{Nodes}/{Uri.EscapeDataString(node)}/drain";

    /// <summary>Where a silo is used again.</summary>
    public static string ResumeOf(string node) => $"{Nodes}/{Uri.EscapeDataString(node)}/resume";

    /// <summary>Where it is told which process keeps a disk.</summary>
    public static string LocationOf(string disk) => $"{DiskOf(disk)}/location";

    /// <summary>Where a disk's bytes are.</summary>
    public static string ContentOf(string disk) => $"{DiskOf(disk)}/content";

    /// <summary>Where a disk's data and zeros are told.</summary>
    public static string ExtentsOf(string disk) => $"{DiskOf(disk)}/extents";
}
