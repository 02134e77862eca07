using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SnapshotGrains.Storage;

/// <summary>
/// Verified segments in native memory, by digest, within a budget in bytes that is never exceeded: memory is reserved
/// before a load starts, and loads in flight count. Hits are lock-free; a miss is loaded once however many ask
/// (single flight); what to evict is chosen by S3-FIFO. Thread-safe.
/// </summary>
public sealed partial class SegmentCache : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SegmentCacheOptions _options;
    private readonly ConcurrentDictionary<Digest, SegmentBuffer> _index;
    private readonly Dictionary<Digest, LoadOperation> _loads = [];
    private readonly HashSet<LoadOperation> _running = [];
    private readonly SegmentMemoryPool _pool;
    private readonly S3FifoPolicy _policy;
    private readonly SegmentQueue _dropped = new();
    private readonly Task _populating;
    private bool _disposed;

    /// <summary>Creates an empty cache.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SegmentCache(SegmentCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _pool = new SegmentMemoryPool(options.PoisonFreedMemory);
        _policy = new S3FifoPolicy(options.BudgetBytes);
        _epochBytes = Math.Max(1, options.BudgetBytes / EpochsPerBudget);
        var expected = (int)Math.Clamp(options.BudgetBytes / options.SegmentSizeBytes, 16, 1 << 20);
        _index = new ConcurrentDictionary<Digest, SegmentBuffer>(Environment.ProcessorCount, expected);
        _populating = options.Populate ? Task.Run(Populate) : Task.CompletedTask;
    }

    /// <summary>
    /// A segment has made room for others, or was found corrupt by <see cref="ScrubAsync"/>. Raised outside locks, on
    /// the thread that needed the memory: handlers must be short and must not throw.
    /// </summary>
    public event Action<Digest>? Evicted;

    /// <summary>The resident bytes of a segment were found altered; it is dropped already. Same rules.</summary>
    public event Action<Digest>? Corrupted;

    /// <summary>Most bytes that segments may take.</summary>
    public long BudgetBytes => _options.BudgetBytes;

    /// <summary>
    /// Leases a resident segment; false when it is not resident. Release the buffer when done. Lock-free,
    /// allocation-free. Keep the buffer and call <see cref="SegmentBuffer.TryLease()"/> to skip the look-up next time.
    /// </summary>
    public bool TryLease(in Digest digest, [NotNullWhen(true)] out SegmentBuffer? buffer)
    {
        if (_index.TryGetValue(digest, out buffer) && buffer.TryLease())
        {
            return true;
        }

        buffer = null;
        return false;
    }

    /// <summary>True when the segment is resident now; takes no lease and marks no use.</summary>
    public bool Contains(in Digest digest) => _index.TryGetValue(digest, out var buffer) && buffer.IsResident;

    /// <summary>
    /// Takes a segment out of the cache, because it is not wanted or not trusted any more. Readers keep the bytes that
    /// they have leased, nobody gets a new lease. False when it was not resident. Raises no event.
    /// </summary>
    public bool Drop(in Digest digest) => _index.TryGetValue(digest, out var buffer) && Drop(buffer);

    /// <summary>
    /// Takes this very residency out of the cache, and leaves a newer one of the same segment alone. False when it had
    /// ended already.
    /// </summary>
    public bool Drop(SegmentBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        lock (_gate)
        {
            if (buffer.Queue is null || buffer.Queue == _dropped)
            {
                return false;
            }

            RemoveLocked(buffer);
        }

        buffer.Release();
        return true;
    }

    /// <summary>
    /// Drops everything, cancels loads and fails their waiters. Leased segments stay readable until they are released.
    /// </summary>
    public void Dispose()
    {
        List<SegmentBuffer> resident;
        List<LoadOperation> running;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            resident = [.. _index.Values];
            resident.ForEach(RemoveLocked);
            running = [.. _running];
            _pool.Close();
        }

        resident.ForEach(buffer => buffer.Release());
        running.ForEach(operation => operation.Cancel());
    }

    /// <summary>
    /// Disposes and waits until the loads that were in flight have ended and given back their memory.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        Task[] running;
        lock (_gate)
        {
            running = [.. _running.Select(operation => operation.Completion)];
        }

        await Task.WhenAll([.. running, _populating]).ConfigureAwait(false);
    }

    /// <summary>From resident to dropped. The caller gives back the cache's lease outside the lock.</summary>
    private void RemoveLocked(SegmentBuffer buffer)
    {
        _index.TryRemove(new KeyValuePair<Digest, SegmentBuffer>(buffer.Digest, buffer));
        buffer.Queue!.Remove(buffer);
        _dropped.AddNewest(buffer);
        buffer.Retire();
    }
}
