using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Images;

/// <summary>Settings of a <see cref="DirectoryImageCenter"/>.</summary>
public sealed record DirectoryCenterOptions
{
    /// <summary>Makes an empty image center where there is none. Default true; false makes that NotFound.</summary>
    public bool CreateIfMissing { get; init; } = true;

    /// <summary>Most pack files kept open. 1 to 65,536; default 256.</summary>
    public int MaxOpenPacks { get; init; } = 256;

    /// <summary>
    /// Most segments remembered to find equal content in other images, about 80 bytes of memory each. Default
    /// 262,144: 256 GiB of data in segments of 1 MiB.
    /// </summary>
    public int MaxDedupEntries { get; init; } = 256 * 1024;

    /// <summary>Most bytes of segments in the memory of one import. At least 1 MiB; default 32 MiB.</summary>
    public int ImportBufferBytes { get; init; } = 32 << 20;

    /// <summary>Longest wait for another process's commit or clean-up. Default 30 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Creates a pack file; a test puts a full disk here.</summary>
    internal Func<string, SafeFileHandle> CreatePackFile { get; init; } = path =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);

    /// <summary>Throws when a value is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOpenPacks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxOpenPacks, 65_536);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxDedupEntries);
        ArgumentOutOfRangeException.ThrowIfLessThan(ImportBufferBytes, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LockTimeout, TimeSpan.Zero);
    }
}
