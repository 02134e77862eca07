namespace SnapshotGrains;

/// <summary>Where a derived replica is in its life. Disks can be cloned from it in each state.</summary>
public enum ReplicaState
{
    /// <summary>Its segments are made when they are first read.</summary>
    Lazy = 0,

    /// <summary>All its segments are being made or verified.</summary>
    Building = 1,

    /// <summary>All its segments were made and kept, and found to hold the snapshot.</summary>
    Ready = 2,

    /// <summary>Its build was given up; the problem says why.</summary>
    Failed = 3,
}
