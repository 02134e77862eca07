namespace SnapshotGrains.Storage;

/// <summary>A load that waits for memory, in its place in the queue.</summary>
internal sealed class ReservationWaiter(LoadOperation operation)
    : TaskCompletionSource<SegmentBuffer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public LoadOperation Operation => operation;
}
