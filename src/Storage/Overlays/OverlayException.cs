namespace SnapshotGrains.Storage;

/// <summary>An overlay could not do what it was asked to; the subclass says why.</summary>
public abstract class OverlayException : IOException
{
    private protected OverlayException(Guid diskId, string message, Exception? innerException = null)
        : base(message, innerException) => DiskId = diskId;

    /// <summary>The disk whose overlay it is.</summary>
    public Guid DiskId { get; }

    /// <summary>True when the same request may succeed later without anybody's help.</summary>
    public virtual bool IsTransient => false;
}
