namespace SnapshotGrains.Storage;

/// <summary>The overlay is open elsewhere, by an owner that this one does not supersede or cannot reach.</summary>
public sealed class OverlayBusyException(Guid diskId, string reason, Exception? innerException = null)
    : OverlayException(diskId, $"The overlay of disk {diskId} is in use: {reason}.", innerException)
{
    /// <inheritdoc/>
    public override bool IsTransient => true;

    /// <summary>Whether another process has the files open.</summary>
    public bool IsElsewhere => InnerException is BlockFileBusyException;
}
