namespace SnapshotGrains;

/// <summary>Whether a silo takes new segments and disks.</summary>
public enum NodeState
{
    /// <summary>It does.</summary>
    Active = 0,

    /// <summary>It does not, and hands over what it has; it still answers.</summary>
    Draining = 1,
}
