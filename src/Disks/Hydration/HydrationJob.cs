using System.Collections.Concurrent;

namespace SnapshotGrains.Disks;

/// <summary>One disk on its way to being ready. Its fields belong to the scheduler's gate, or say so.</summary>
internal sealed class HydrationJob(DiskLease lease, bool isUrgent, TimeProvider time)
{
    /// <summary>Reads that guests waited for, with segments not kept yet; more than this are forgotten.</summary>
    private const int MaxTouched = 1024;

    private readonly ConcurrentQueue<long> _touched = new();

    public DiskLease Lease { get; set; } = lease;

    public Guid DiskId => Lease.Disk.Id;

    public bool IsUrgent { get; set; } = isUrgent;

    /// <summary>The open disk; null before the job's turn has come.</summary>
    public OpenDisk? Disk { get; set; }

    public bool IsOpening { get; set; }

    /// <summary>It was stopped, has failed or has finished: what is under way for it means nothing any more.</summary>
    public bool IsEnded { get; set; }

    public int Failures { get; set; }

    public long RetryAt { get; set; }

    /// <summary>Segments copied since the last commit. Anybody may count.</summary>
    public int Uncommitted;

    /// <summary>How fast it goes. Thread-safe.</summary>
    public RateMeter Rate { get; } = new(time);

    /// <summary>A guest waited for the segment at this offset: it is at hand now, and wanted. Thread-safe.</summary>
    public void Touch(long offset)
    {
        if (_touched.Count < MaxTouched)
        {
            _touched.Enqueue(offset);
        }
    }

    public bool TryTakeTouched(out long offset) => _touched.TryDequeue(out offset);

    /// <summary>Whether the overlay lacks something of the segment.</summary>
    public bool Needs(long offset, int length)
    {
        var overlay = Disk!.Overlay;
        var end = Math.Min(offset + length, overlay.SizeBytes);
        return offset < end && overlay.HasParentBlocks(offset, end - offset);
    }
}
