namespace SnapshotGrains.Images;

/// <summary>What went wrong at the image center.</summary>
public enum ImageErrorCode
{
    /// <summary>No such image, or no such pack.</summary>
    NotFound,

    /// <summary>An image of this name holds other content.</summary>
    AlreadyExists,

    /// <summary>Bytes do not match their digest or their format.</summary>
    Corrupt,

    /// <summary>A pack or a stream ends before the bytes that it should hold.</summary>
    Truncated,

    /// <summary>The image center cannot be reached, or refuses for now. Transient.</summary>
    Unavailable,

    /// <summary>The image center did not answer in time. Transient.</summary>
    Timeout,

    /// <summary>The image center's disk or quota is full.</summary>
    NoSpace,

    /// <summary>A name has characters or a length that are not allowed.</summary>
    BadName,

    /// <summary>The image center, or a manifest, was written by a newer program.</summary>
    UnsupportedVersion,

    /// <summary>The request makes no sense; the message says why.</summary>
    BadRequest,

    /// <summary>A pack is not the one any more that it was when it was read first.</summary>
    Changed,

    /// <summary>The image center can be read only.</summary>
    ReadOnly,

    /// <summary>The image center does not let this program in.</summary>
    Forbidden,
}
