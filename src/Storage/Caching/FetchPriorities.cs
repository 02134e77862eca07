namespace SnapshotGrains.Storage;

/// <summary>What fetch priorities mean.</summary>
public static class FetchPriorities
{
    /// <summary>
    /// Whether nobody has asked for the segment, and perhaps nobody will: it gets only what is to spare, and does not
    /// count as needed until a reader comes.
    /// </summary>
    public static bool IsAhead(this FetchPriority priority) => priority is FetchPriority.Trace or FetchPriority.Guess;
}
