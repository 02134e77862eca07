namespace SnapshotGrains;

/// <summary>What failed, by stage; stable across versions and used by the HTTP API as problem type.</summary>
public enum ErrorCode
{
    /// <summary>Not classified: a defect or an unexpected condition.</summary>
    Internal = 0,

    /// <summary>The request itself is wrong; repeating it cannot help.</summary>
    BadRequest = 1,

    /// <summary>The named image, snapshot, disk or node does not exist.</summary>
    NotFound = 2,

    /// <summary>The name is taken by something else.</summary>
    AlreadyExists = 3,

    /// <summary>Something still uses it: a snapshot with clones, a disk with open connections.</summary>
    InUse = 4,

    /// <summary>
    /// Client and server do not accept one another: the access token is missing or wrong, or the server's certificate
    /// is not trusted.
    /// </summary>
    Unauthorized = 5,

    /// <summary>The image center did not answer, or answered with an error that may pass.</summary>
    ImageCenterUnavailable = 10,

    /// <summary>The image center's bytes do not have the digest that the manifest gives.</summary>
    ImageCorrupt = 11,

    /// <summary>No space is left where data had to be written.</summary>
    NoSpace = 12,

    /// <summary>A disk's own stored bytes are not those that were written.</summary>
    DiskCorrupt = 13,

    /// <summary>A disk's overlay could not be read or written.</summary>
    DiskFailed = 14,

    /// <summary>Another writer has taken the disk over; attach it again.</summary>
    Fenced = 15,

    /// <summary>
    /// The data's key is revoked, removed, or cannot be unwrapped here: without it nothing is read or written.
    /// </summary>
    KeyUnavailable = 16,

    /// <summary>The silo's cache has no room: all of it is in use by readers.</summary>
    CacheExhausted = 20,

    /// <summary>The segment could not be had by the deadline.</summary>
    SegmentTimeout = 21,

    /// <summary>The silo that should answer is gone or does not answer.</summary>
    SiloUnavailable = 30,

    /// <summary>The request was given up by its caller.</summary>
    Cancelled = 40,
}
