namespace SnapshotGrains.Client;

/// <summary>What the disks of a process may have loaded ahead together, in bytes, without anybody having touched it.
/// </summary>
/// <param name="bytes">The most.</param>
internal sealed class AheadBudget(long bytes)
{
    private readonly Lock _gate = new();
    private long _left = bytes;
    private TaskCompletionSource? _freed;

    /// <summary>Completes when bytes are given back. Who was refused takes it before he tries again.</summary>
    public Task Freed
    {
        get
        {
            lock (_gate)
            {
                return (_freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>Takes bytes; false when they are not left.</summary>
    public bool TryTake(long wanted)
    {
        lock (_gate)
        {
            var isThere = wanted <= _left;
            _left -= isThere ? wanted : 0;
            return isThere;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Give(long taken)
    {
        lock (_gate)
        {
            _left += taken;
            _freed?.TrySetResult();
            _freed = null;
        }
    }
}
