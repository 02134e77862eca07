namespace SnapshotGrains;

/// <summary>When a disk copies its parent's content into itself.</summary>
public enum HydrationMode
{
    /// <summary>In the background, from the first time on that it is attached for writing.</summary>
    Background = 0,

    /// <summary>Never by itself: the disk stays thin and depends on its parent.</summary>
    None = 1,

    /// <summary>From the clone on, before the disks that hydrate in the background.</summary>
    Eager = 2,
}
