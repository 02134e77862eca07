namespace SnapshotGrains.Storage;

/// <summary>
/// The files below an overlay gave an I/O error. After a failed flush the open overlay takes no more writes, because
/// the operating system may have dropped what it could not store: open it again to go on from what is durable.
/// </summary>
public sealed class OverlayFailedException(Guid diskId, string act, bool isFinal, Exception innerException)
    : OverlayException(
        diskId,
        $"Cannot {act} of the overlay of disk {diskId}: {innerException.Message}" +
        (isFinal ? " It takes no more writes until it is opened again." : " The request changed nothing."),
        innerException)
{
    /// <summary>True when the overlay must be opened again; false when only this request failed.</summary>
    public bool IsFinal { get; } = isFinal;
}
