using SnapshotGrains.Cli.Output;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary>How disks are shown.</summary>
internal static class DiskTable
{
    /// <summary>A row per disk.</summary>
    public static Table<DiskInfo> Create() => new Table<DiskInfo>(disk => disk.Name)
        .Text("PARENT", disk => disk.Parent.ToString())
        .Figure("SIZE", disk => ByteSize.Approximate(disk.SizeBytes))
        .Text("STATE", disk => disk.Problem is { } problem ? $"{StateOf(disk)}: {problem}" : StateOf(disk))
        .Text("CREATED", disk => Times.Format(disk.CreatedAt));

    /// <summary>A disk's state in the glossary's words.</summary>
    public static string StateOf(DiskInfo disk) => disk.State switch
    {
        DiskState.Created => "created",
        DiskState.LazyLoading => "lazy-loading",
        DiskState.Paused => "paused",
        DiskState.Ready => "ready",
        DiskState.Failed => "failed",
        DiskState.Deleting => "deleting",
        _ => disk.State.ToString(),
    };

    /// <summary>A mode of hydration as <c>--hydrate</c> takes it.</summary>
    public static string ModeOf(HydrationMode mode) => mode.ToString().ToLowerInvariant();
}
