namespace SnapshotGrains;

/// <summary>Limits of <see cref="IBatchCloneCatalogGrain"/>.</summary>
public static class BatchCloneCatalog
{
    /// <summary>Operations that have ended and are kept; of more, the oldest are forgotten.</summary>
    public const int MaxEnded = 256;

    /// <summary>Operations that may run at once.</summary>
    public const int MaxRunning = 256;
}
