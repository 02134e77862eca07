namespace SnapshotGrains.Nbd;

/// <summary>Bounds of the protocol, from proto.md unless said otherwise.</summary>
public static class NbdLimits
{
    /// <summary>The largest READ or WRITE payload in bytes: what every server should accept.</summary>
    public const int MaxPayloadBytes = 32 * 1024 * 1024;

    /// <summary>
    /// The largest WRITE payload that is read and thrown away to keep the session; a longer one ends it (our choice).
    /// </summary>
    public const int MaxDrainedPayloadBytes = 64 * 1024 * 1024;

    /// <summary>The longest string in bytes of UTF-8.</summary>
    public const int MaxStringBytes = 4096;

    /// <summary>The longest option data that is looked at (our choice: a name and a lot of queries).</summary>
    public const int MaxOptionBytes = 64 * 1024;

    /// <summary>The longest option data that is skipped; a longer one ends the session (our choice).</summary>
    public const int MaxDrainedOptionBytes = 16 * 1024 * 1024;

    /// <summary>
    /// Options that one session may send (our choice: listing some hundred exports one by one is fine).
    /// </summary>
    public const int MaxOptions = 4096;

    /// <summary>Extents in one block status reply (our choice; proto.md asks for at most 2^20).</summary>
    public const int MaxExtents = 32 * 1024;
}
