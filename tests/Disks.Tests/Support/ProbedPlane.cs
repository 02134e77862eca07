using System.Collections.Concurrent;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests;

/// <summary>A home's road to its parents' segments: it counts, and can be disturbed or cut.</summary>
internal sealed class ProbedPlane(IDataPlane inner) : IDataPlane
{
    private int _waiting;

    /// <summary>Segments that were asked for, in order.</summary>
    public ConcurrentQueue<(SnapshotId Snapshot, long Number)> Leases { get; } = new();

    /// <summary>Whether the image center, and all caches with it, are out of reach.</summary>
    public bool IsDown { get; set; }

    /// <summary>Runs before each lease; throws or waits to disturb it.</summary>
    public Func<SegmentKey, CancellationToken, Task> BeforeLease { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Leases that are being waited for.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public ValueTask<SnapshotMap> GetSegmentMapAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        CheckUp();
        return inner.GetSegmentMapAsync(snapshot, cancellationToken);
    }

    public async ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        CheckUp();
        Leases.Enqueue((key.Snapshot, key.Number));
        Interlocked.Increment(ref _waiting);
        try
        {
            await BeforeLease(key, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        CheckUp();
        return await inner.LeaseAsync(key, digest, lengthBytes, urgency, cancellationToken);
    }

    public ValueTask<bool?> PrepareAsync(SegmentKey key, Digest digest, CancellationToken cancellationToken) =>
        inner.PrepareAsync(key, digest, cancellationToken);

    private void CheckUp()
    {
        if (IsDown)
        {
            throw new SnapshotGrainsException(ErrorCode.ImageCenterUnavailable, "The image center is gone.");
        }
    }
}
