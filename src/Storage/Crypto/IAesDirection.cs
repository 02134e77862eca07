using System.Runtime.Intrinsics;

namespace SnapshotGrains.Storage;

/// <summary>The rounds of AES in one direction, so that one kernel serves both.</summary>
internal interface IAesDirection
{
    /// <summary>A middle round.</summary>
    static abstract Vector128<byte> Round(Vector128<byte> block, Vector128<byte> key);

    /// <summary>The last round.</summary>
    static abstract Vector128<byte> Last(Vector128<byte> block, Vector128<byte> key);
}
