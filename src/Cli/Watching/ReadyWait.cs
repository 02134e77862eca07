using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Watching;

/// <summary>Waits for many disks to become ready: one look for all of them, not one for each.</summary>
/// <param name="server">Where they are.</param>
/// <param name="output">How to show it.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadyWait(HttpControlPlane server, VerbOutput output, TimeProvider time)
{
    /// <summary>Waits until each is ready, failed, paused or gone.</summary>
    /// <exception cref="SnapshotGrainsException">Some are not ready.</exception>
    public async Task RunAsync(IReadOnlyCollection<string> disks, CancellationToken cancellationToken)
    {
        var names = disks.ToHashSet(StringComparer.Ordinal);
        var found = await new WorkProgress(output, time).RunAsync(
            $"Hydrating {names.Count} disks",
            report => new Polling(server.Server, time).UntilAsync(
                server.ListDisksAsync,
                all =>
                {
                    var mine = all.Where(disk => names.Contains(disk.Name)).ToArray();
                    var ready = mine.Count(disk => disk.State == DiskState.Ready);
                    report(new WorkState((double)ready / names.Count, $"{ready} of {names.Count} disks ready"));
                    return mine.All(IsOver);
                },
                cancellationToken));
        var notReady = names.Except(
            found.Where(disk => disk.State == DiskState.Ready).Select(disk => disk.Name)).Order().ToArray();
        if (notReady.Length > 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.DiskFailed,
                $"{notReady.Length} of {names.Count} disks are not ready, the first of them '{notReady[0]}'; "
                + $"'snapgrains disk info {notReady[0]}' says why.");
        }
    }

    private static bool IsOver(DiskInfo disk) =>
        disk.State is not (DiskState.Created or DiskState.LazyLoading) || disk.Hydration == HydrationMode.None;
}
