namespace SnapshotGrains.Storage;

/// <summary>One caller that waits for a load.</summary>
internal sealed class LoadWaiter(SegmentCache cache, LoadOperation operation)
    : TaskCompletionSource<SegmentBuffer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public SegmentCache Cache => cache;

    public LoadOperation Operation => operation;
}
