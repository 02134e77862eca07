using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Watching;

/// <summary>Waits for disks to become ready, and shows how far they are.</summary>
/// <param name="server">Where they are.</param>
/// <param name="output">How to show it.</param>
/// <param name="time">The clock.</param>
internal sealed class HydrationWait(HttpControlPlane server, VerbOutput output, TimeProvider time)
{
    /// <summary>Looks at a disk that does not run, before it counts as stopped: a start takes a moment.</summary>
    private const int MaxIdleLooks = 8;

    private int _idleLooks;

    /// <summary>Waits until all are ready.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="disks">The disks' names.</param>
    /// <param name="cancellationToken">Stops to wait.</param>
    /// <exception cref="SnapshotGrainsException">One of them will not become ready.</exception>
    public Task RunAsync(string title, IReadOnlyList<string> disks, CancellationToken cancellationToken) =>
        new WorkProgress(output, time).RunAsync(title, report => new Polling(server.Server, time).UntilAsync(
            ct => LookAsync(disks, ct),
            progress =>
            {
                report(HydrationText.StateOf(progress));
                return AreReady(progress);
            },
            cancellationToken));

    private async Task<IReadOnlyList<HydrationProgress>> LookAsync(
        IReadOnlyList<string> disks, CancellationToken cancellationToken)
    {
        var progress = new HydrationProgress[disks.Count];
        await Parallel.ForAsync(
            0, disks.Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (index, ct) => progress[index] = await server.GetHydrationAsync(disks[index], ct));
        await ThrowIfGivenUpAsync(progress, cancellationToken);
        return progress;
    }

    private bool AreReady(IReadOnlyList<HydrationProgress> disks)
    {
        var idle = disks.FirstOrDefault(disk => disk is { IsRunning: false, State: not DiskState.Ready });
        _idleLooks = idle is null ? 0 : _idleLooks + 1;
        return _idleLooks > MaxIdleLooks && idle!.RemainingBytes > 0
            ? throw new SnapshotGrainsException(
                ErrorCode.InUse, $"Hydration of disk '{idle.Disk}' does not run: somebody stopped it meanwhile.")
            : disks.All(disk => disk.State == DiskState.Ready);
    }

    private async Task ThrowIfGivenUpAsync(
        IEnumerable<HydrationProgress> disks, CancellationToken cancellationToken)
    {
        if (disks.FirstOrDefault(disk => disk.State is DiskState.Failed or DiskState.Paused) is not { } stopped)
        {
            return;
        }

        if (stopped.State == DiskState.Paused)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse, $"Hydration of disk '{stopped.Disk}' was paused meanwhile.");
        }

        var record = await server.GetDiskAsync(stopped.Disk, cancellationToken);
        throw new SnapshotGrainsException(
            ErrorCode.DiskFailed,
            $"Hydration of disk '{stopped.Disk}' has failed: {record.Problem}; 'snapgrains disk hydrate "
            + $"{stopped.Disk}' tries it again.");
    }
}
