namespace SnapshotGrains.Client;

/// <summary>What the disks of a process may have loaded ahead together, in bytes, without anybody having touched it.
/// </summary>
/// <param name="bytes">The most.</param>
internal sealed class AheadBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>Takes bytes; false when they are not left.</summary>
    public bool TryTake(long wanted)
    {
        if (Interlocked.Add(ref _left, -wanted) >= 0)
        {
            return true;
        }

        Give(wanted);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Give(long taken) => Interlocked.Add(ref _left, taken);
}
