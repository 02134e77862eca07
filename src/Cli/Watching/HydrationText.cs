using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Watching;

/// <summary>How the hydration of some disks is put in words.</summary>
internal static class HydrationText
{
    /// <summary>How far they are together, as <c>412 MiB of 1 GiB, 206 MiB/s, 3.0 s left</c>.</summary>
    public static WorkState StateOf(IReadOnlyList<HydrationProgress> disks)
    {
        var size = disks.Sum(disk => disk.SizeBytes);
        var done = disks.Sum(disk => Math.Max(0, disk.SizeBytes - disk.RemainingBytes));
        var ready = disks.Count(disk => disk.State == DiskState.Ready);
        var count = disks.Count > 1 ? $"{ready} of {disks.Count} disks ready, " : "";
        return new WorkState(
            size == 0 ? 1 : (double)done / size,
            $"{count}{ByteSize.Approximate(done)} of {ByteSize.Approximate(size)}{Pace(disks)}");
    }

    /// <summary>The pace of one disk, as <c>206 MiB/s, 3.0 s left</c>; null when it is not running.</summary>
    public static string? PaceOf(HydrationProgress disk)
    {
        var pace = Pace([disk]);
        return pace.Length > 0 ? pace[2..] : disk.IsRunning ? "starting" : null;
    }

    private static string Pace(IReadOnlyList<HydrationProgress> disks)
    {
        // They share the node's readers, so that their rates add up.
        var rate = disks.Sum(disk => disk.BytesPerSecond);
        if (rate <= 0)
        {
            return "";
        }

        var left = TimeSpan.FromSeconds(Math.Min(disks.Sum(disk => disk.RemainingFetchBytes) / rate, 1e9));
        return $", {ByteSize.Approximate((long)rate)}/s, {DurationText.Format(left)} left";
    }
}
