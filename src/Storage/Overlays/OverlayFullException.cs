namespace SnapshotGrains.Storage;

/// <summary>The file system has no room for the request; nothing was changed. Works again when space returns.</summary>
public sealed class OverlayFullException(Guid diskId, long lengthBytes, Exception innerException)
    : OverlayException(
        diskId,
        $"No space for {lengthBytes} bytes of the overlay of disk {diskId}: {innerException.Message} Free some space.",
        innerException)
{
    /// <summary>Bytes that the request needed room for.</summary>
    public long LengthBytes { get; } = lengthBytes;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
