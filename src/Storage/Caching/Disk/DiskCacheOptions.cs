namespace SnapshotGrains.Storage;

/// <summary>Settings of a <see cref="DiskCache"/>.</summary>
public sealed record DiskCacheOptions
{
    /// <summary>The least <see cref="LimitBytes"/>: one segment of the usual size, and where it is.</summary>
    public const long MinLimitBytes = 2L << 20;

    private const int QueueShare = 16;
    private const long MaxQueueBytes = 32L << 20;

    /// <summary>Its directory, which nobody else uses; created if missing.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Length of its file, in bytes; all of it is reserved on opening. At least <see cref="MinLimitBytes"/>.
    /// </summary>
    public required long LimitBytes { get; init; }

    /// <summary>
    /// Most bytes of segments that wait to be written. They stay leased in the memory cache meanwhile, so this is a
    /// part of its budget. One segment may always wait. Default 16 MiB.
    /// </summary>
    public long QueueBytes { get; init; } = 16L << 20;

    /// <summary>What <see cref="QueueBytes"/> should be beside a memory cache: a sixteenth of it, 32 MiB at most.
    /// </summary>
    /// <param name="cacheBytes">The memory cache's budget.</param>
    public static long QueueBeside(long cacheBytes) => Math.Min(cacheBytes / QueueShare, MaxQueueBytes);

    /// <summary>Where its files are. Default: the operating system's.</summary>
    public IBlockFileSystem Files { get; init; } = BlockFileSystem.Instance;

    /// <summary>The clock of pauses after errors. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
