namespace SnapshotGrains.Disks;

/// <summary>
/// How busy guests keep this node, so that hydration can step back. Counting is a plain increment: an approximate
/// count that costs nothing serves as well as an exact one.
/// </summary>
internal sealed class GuestActivity
{
    private long _requests;
    private int _waiting;

    /// <summary>Requests so far, more or less.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Reads that wait for the image center or another node now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>A guest asked for something.</summary>
    public void Note() => _requests++;

    /// <summary>A guest's read waits until the result is disposed.</summary>
    public Waiter Wait()
    {
        Interlocked.Increment(ref _waiting);
        return new Waiter(this);
    }

    /// <summary>Ends a wait.</summary>
    public readonly struct Waiter(GuestActivity activity) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref activity._waiting);
    }
}
