using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>A request to an image center failed; <see cref="Code"/> says how, the other properties where.</summary>
public sealed class ImageCenterException : Exception
{
    /// <summary>Creates the error.</summary>
    public ImageCenterException(ImageErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What went wrong.</summary>
    public ImageErrorCode Code { get; }

    /// <summary>The same request may succeed later without anybody doing anything.</summary>
    public bool IsTransient => Code is ImageErrorCode.Unavailable or ImageErrorCode.Timeout;

    /// <summary>How long the image center asked to be left alone; null: it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The image concerned, as <c>name@snap</c>.</summary>
    public string? Image { get; init; }

    /// <summary>The segment concerned.</summary>
    public long? Segment { get; init; }

    /// <summary>The pack concerned.</summary>
    public PackId? Pack { get; init; }

    /// <summary>Byte offset in the pack, or in the content to import.</summary>
    public long? Offset { get; init; }

    /// <summary>The digest that the manifest promises.</summary>
    public Digest? ExpectedDigest { get; init; }

    /// <summary>The digest of the bytes that came.</summary>
    public Digest? ActualDigest { get; init; }
}
