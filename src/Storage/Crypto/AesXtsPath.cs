namespace SnapshotGrains.Storage;

/// <summary>How <see cref="AesXts"/> computes; every path gives the same bytes.</summary>
internal enum AesXtsPath
{
    /// <summary>The fastest that the processor has.</summary>
    Best,

    /// <summary>x86 AES instructions, eight blocks in flight.</summary>
    AesNi,

    /// <summary>The AES of the base class library, for processors without a path of their own.</summary>
    Library,
}
