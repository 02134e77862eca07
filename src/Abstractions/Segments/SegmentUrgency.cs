namespace SnapshotGrains;

/// <summary>Why a segment is asked for, most urgent first: the fetch priority of the caches, between silos.</summary>
public enum SegmentUrgency
{
    /// <summary>A reader waits for it.</summary>
    Demand = 0,

    /// <summary>A reader will probably want it soon; given up when there is no room for it.</summary>
    Trace = 1,

    /// <summary>It is copied in the background.</summary>
    Background = 2,

    /// <summary>It lies beside what a reader touched; given up unless it costs next to nothing.</summary>
    Guess = 3,
}
