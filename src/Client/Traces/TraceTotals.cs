namespace SnapshotGrains.Client;

/// <summary>Counts what traces did in this process.</summary>
internal sealed class TraceTotals
{
    private long _loadedBytes;
    private long _hitBytes;
    private long _recorded;
    private long _notRecorded;

    public TraceStatistics Statistics => new(
        Interlocked.Read(ref _loadedBytes), Interlocked.Read(ref _hitBytes), Interlocked.Read(ref _recorded),
        Interlocked.Read(ref _notRecorded));

    public void Load(long bytes) => Interlocked.Add(ref _loadedBytes, bytes);

    public void Hit(long bytes) => Interlocked.Add(ref _hitBytes, bytes);

    public void Record(bool isRecorded) => Interlocked.Increment(ref isRecorded ? ref _recorded : ref _notRecorded);
}
