namespace SnapshotGrains.Silo.Events;

/// <summary>How this process comes to tell of something.</summary>
internal enum EventOrigin
{
    /// <summary>It happened here.</summary>
    Here,

    /// <summary>It was seen when the cluster was looked at, as every process may see it.</summary>
    Seen,

    /// <summary>Another process of the cluster told of it.</summary>
    Elsewhere,
}
