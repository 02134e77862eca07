using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Cli.Watching;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk snapshot</c>.</summary>
internal sealed class DiskSnapshotCommand : ServerVerb
{
    private readonly Argument<string> _disk = CommonArguments.Disk();
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The new snapshot's name");

    /// <summary>The command.</summary>
    public DiskSnapshotCommand(CliHost host)
        : base(host, "snapshot", "Make a snapshot of a disk as it is now, to be cloned; guests go on writing meanwhile")
    {
        Arguments.Add(_disk);
        Arguments.Add(_snapshot);
        Examples =
        [
            "snapgrains disk snapshot vm1 debian@patched",
            "snapgrains disk snapshot vm1 debian@patched --json | jq .storedBytes",
        ];
    }

    /// <summary>It takes as long as there is to store.</summary>
    protected override TimeSpan? TimeoutByDefault(ParseResult arguments) => null;

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var disk = arguments.GetRequiredValue(_disk);
        var snapshot = arguments.GetRequiredValue(_snapshot)!;
        var started = Host.Time.GetTimestamp();
        GoesOn = $"The snapshot goes on: repeat the command to wait for it, 'snapgrains image inspect {snapshot}' "
            + "finds it once it is there.";
        var made = await new WorkProgress(output, Host.Time).RunAsync(
            $"Making {snapshot} of {disk}",
            report => new Polling(server.Server, Host.Time).UntilAsync(
                ct => server.SnapshotDiskAsync(disk, snapshot, ct),
                progress =>
                {
                    report(StateOf(progress));
                    return progress.IsDone;
                },
                cancellationToken));
        output.Confirm(made.Image!, image => Sentence(disk, image, Host.Time.GetElapsedTime(started)));
    }

    private static WorkState StateOf(DiskSnapshotProgress progress) => new(
        progress.TotalBytes == 0 ? 0 : (double)progress.DoneBytes / progress.TotalBytes,
        $"{ByteSize.Approximate(progress.DoneBytes)} of {ByteSize.Approximate(progress.TotalBytes)}, "
        + $"{ByteSize.Approximate(progress.StoredBytes)} stored");

    private static string Sentence(string disk, ImageInfo image, TimeSpan took) =>
        $"Made {image.Id} of {disk}: {ByteSize.Approximate(image.SizeBytes)}, "
        + $"{ByteSize.Approximate(image.StoredBytes)} stored, in {DurationText.Format(took)}.";
}
