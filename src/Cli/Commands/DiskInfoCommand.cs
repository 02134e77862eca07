using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Watching;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk info</c>.</summary>
internal sealed class DiskInfoCommand : ServerVerb
{
    private readonly Argument<string> _disk = CommonArguments.Disk();

    /// <summary>The command.</summary>
    public DiskInfoCommand(CliHost host)
        : base(host, "info", "Describe one disk, with how far it is from its parent")
    {
        Arguments.Add(_disk);
        Examples = ["snapgrains disk info vm1", "snapgrains disk info vm1 --json"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var disk = await server.GetDiskAsync(arguments.GetRequiredValue(_disk), cancellationToken);
        var progress = await ProgressOfAsync(server, disk, cancellationToken);
        output.Describe(new DiskReport(disk, progress), Facts);
    }

    /// <summary>A disk whose own data is damaged, or that is being deleted, is described all the same.</summary>
    private static async Task<HydrationProgress?> ProgressOfAsync(
        HttpControlPlane server, DiskInfo disk, CancellationToken cancellationToken)
    {
        try
        {
            return await server.GetHydrationAsync(disk.Name, cancellationToken);
        }
        catch (SnapshotGrainsException error)
            when (error.Code is ErrorCode.InUse or ErrorCode.DiskCorrupt or ErrorCode.DiskFailed or ErrorCode.NotFound)
        {
            return null;
        }
    }

    private static IReadOnlyList<Fact> Facts(DiskReport report)
    {
        var disk = report.Disk;
        return
        [
            new("Name", disk.Name),
            new("Parent", disk.Parent.ToString() + (disk.NeedsParent ? "" : " (not needed any more)")),
            new("Size", $"{ByteSize.Approximate(disk.SizeBytes)} ({disk.SizeBytes} bytes)"),
            new("Segment size", ByteSize.Approximate(disk.SegmentSizeBytes)),
            .. disk.Format is { } format ? [new Fact("Stripes", StripeText.Of(format))] : Array.Empty<Fact>(),
            .. disk.Key is { } key ? [new Fact("Key", key.Name)] : Array.Empty<Fact>(),
            new("State", DiskTable.StateOf(disk)),
            .. disk.Problem is { } problem ? [new Fact("Problem", problem)] : Array.Empty<Fact>(),
            new("Created", Times.Format(disk.CreatedAt)),
            new("Id", disk.Id.ToString()),
            new("Hydration", DiskTable.ModeOf(disk.Hydration)),
            .. report.Hydration is { } progress ? ProgressFacts(progress) : [new("Progress", "unknown")],
        ];
    }

    private static IEnumerable<Fact> ProgressFacts(HydrationProgress progress)
    {
        (string Name, long Bytes)[] sources =
        [
            ("  hydrated", progress.HydratedBytes), ("  guest-read", progress.GuestReadBytes),
            ("  prefetched", progress.PrefetchedBytes), ("  overwritten", progress.OverwrittenBytes),
            ("  trimmed", progress.TrimmedBytes), ("  zero", progress.ZeroBytes),
            ("  still the parent's", progress.RemainingBytes),
        ];
        var own = Math.Max(0, progress.SizeBytes - progress.RemainingBytes);
        yield return new Fact("Own", $"{Shares.Percent(own, progress.SizeBytes)} of the disk");
        foreach (var (name, bytes) in sources)
        {
            yield return new Fact(name, ByteSize.Approximate(bytes));
        }

        yield return new Fact("Still to fetch", ByteSize.Approximate(progress.RemainingFetchBytes));
        yield return new Fact("Pace", HydrationText.PaceOf(progress) ?? "not running");
    }
}
