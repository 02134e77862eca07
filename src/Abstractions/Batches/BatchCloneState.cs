namespace SnapshotGrains;

/// <summary>Where a batch clone is in its life.</summary>
public enum BatchCloneState
{
    /// <summary>Disks are being created; goes on after a crash.</summary>
    Running = 0,

    /// <summary>All disks are there.</summary>
    Succeeded = 1,

    /// <summary>It has ended, and some disks could not be created; their results say why.</summary>
    PartlyFailed = 2,

    /// <summary>It was cancelled: the disks created until then stay.</summary>
    Cancelled = 3,
}
