namespace SnapshotGrains.Storage;

/// <summary>The overlay has as many frozen views open as it may; try again when one has ended.</summary>
public sealed class OverlayViewLimitException(Guid diskId, int limit)
    : OverlayException(
        diskId, $"The overlay of disk {diskId} has {limit} frozen views open, as many as it may. End one first.")
{
    /// <summary>Most views that may be open at once.</summary>
    public int Limit { get; } = limit;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
