namespace SnapshotGrains;

/// <summary>What can be asked of a disk's hydration.</summary>
public enum HydrationCommand
{
    /// <summary>Hydrate from now on, whatever the mode says; also after a pause, a failure or a cancellation.</summary>
    Start = 0,

    /// <summary>Stop until <see cref="Start"/>; what is hydrated stays. Survives restarts.</summary>
    Pause = 1,

    /// <summary>Stop and stay thin: the mode becomes <see cref="HydrationMode.None"/>.</summary>
    Cancel = 2,

    /// <summary>Hydrate before other disks, then cut the link to the parent: flatten.</summary>
    Flatten = 3,
}
