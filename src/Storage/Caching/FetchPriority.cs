namespace SnapshotGrains.Storage;

/// <summary>Why a segment is fetched, most urgent first: what goes first where not all can go at once.</summary>
public enum FetchPriority
{
    /// <summary>A reader waits for it.</summary>
    Demand = 0,

    /// <summary>
    /// A reader will probably want it soon: it follows in a recorded trace, or in a sequential read. Given up when
    /// there is no room for it: it neither waits nor takes the place of what has proved useful.
    /// </summary>
    Trace = 1,

    /// <summary>It is copied in the background, by a hydration for example.</summary>
    Background = 2,

    /// <summary>
    /// It lies beside what a reader touched, and he may want it too. Given up like <see cref="Trace"/>, and where it
    /// would cost the source more than to answer once.
    /// </summary>
    Guess = 3,
}
