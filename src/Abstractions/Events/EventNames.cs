namespace SnapshotGrains;

/// <summary>What the events of <c>/v1/events</c> are called on the wire.</summary>
public static class EventNames
{
    /// <summary>A disk's record has changed; data: <see cref="DiskInfo"/>.</summary>
    public const string Disk = "disk";

    /// <summary>How far a disk's hydration is; data: <see cref="HydrationProgress"/>.</summary>
    public const string Hydration = "hydration";

    /// <summary>How far a batch clone is; data: <see cref="BatchClone"/> without the disks' names.</summary>
    public const string Batch = "batch";

    /// <summary>Events were left out, because the listener was too slow; data: <see cref="MissedEvents"/>.</summary>
    public const string Lagged = "lagged";
}
