namespace SnapshotGrains.Nbd;

/// <summary>The metadata contexts that exist here.</summary>
internal static class NbdMetaContexts
{
    public const string Allocation = "base:allocation";

    /// <summary>Any number will do; not zero, so that a client that ignores it is found out in tests.</summary>
    public const uint AllocationId = 1;

    public static ReadOnlySpan<byte> AllocationUtf8 => "base:allocation"u8;

    public static ReadOnlySpan<byte> BaseWildcardUtf8 => "base:"u8;
}
