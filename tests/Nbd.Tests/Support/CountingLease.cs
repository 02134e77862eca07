namespace SnapshotGrains.Nbd.Tests;

/// <summary>Counts how often it was given back.</summary>
internal sealed class CountingLease : IDisposable
{
    private int _released;

    public int Released => Volatile.Read(ref _released);

    public void Dispose() => Interlocked.Increment(ref _released);
}
