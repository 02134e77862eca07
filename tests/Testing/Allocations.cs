namespace SnapshotGrains.Testing;

/// <summary>What code leaves to the garbage collector.</summary>
public static class Allocations
{
    private const int Rounds = 5;

    /// <summary>
    /// Bytes that the calling thread allocates in the best of several rounds: a collection that other threads cause
    /// takes what is left of its allocation buffer, which is then counted as if it had been used. What allocates,
    /// allocates in each round.
    /// </summary>
    /// <param name="work">What is measured; has run before, so that it is compiled.</param>
    public static long LeastOf(Action work) => Enumerable.Range(0, Rounds).Min(_ => Of(work));

    private static long Of(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
