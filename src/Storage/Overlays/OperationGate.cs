namespace SnapshotGrains.Storage;

/// <summary>Counts operations under way, and lets an owner shut the door and wait until the last has left.</summary>
internal sealed class OperationGate
{
    private const long Closed = 1L << 62;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _state;

    /// <summary>True when the door is shut.</summary>
    public bool IsClosed => Volatile.Read(ref _state) >= Closed;

    /// <summary>Enters, or returns false when the door is shut. Who entered calls <see cref="Exit"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _state) < Closed)
        {
            return true;
        }

        Exit();
        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref _state) == Closed)
        {
            _empty.TrySetResult();
        }
    }

    /// <summary>Shuts the door for good and completes when nobody is inside.</summary>
    public Task CloseAsync()
    {
        var state = Interlocked.Or(ref _state, Closed);
        if (state is 0 or Closed)
        {
            _empty.TrySetResult();
        }

        return _empty.Task;
    }
}
