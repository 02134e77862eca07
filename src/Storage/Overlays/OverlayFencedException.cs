namespace SnapshotGrains.Storage;

/// <summary>A newer owner has opened the overlay; this one must not use it any more.</summary>
public sealed class OverlayFencedException(Guid diskId, long epoch, long newerEpoch)
    : OverlayException(
        diskId, $"The overlay of disk {diskId} belongs to epoch {newerEpoch}; epoch {epoch} is fenced. Attach again.")
{
    /// <summary>The epoch that is refused.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The epoch that owns the overlay.</summary>
    public long NewerEpoch { get; } = newerEpoch;
}
