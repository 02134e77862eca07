using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk pause</c>.</summary>
internal sealed class DiskPauseCommand : HydrationVerb
{
    /// <summary>The command.</summary>
    public DiskPauseCommand(CliHost host)
        : base(
            host, "pause",
            "Stop the hydration of disks until 'disk hydrate'; what is copied stays",
            HydrationCommand.Pause) =>
        Examples = ["snapgrains disk pause vm1"];

    /// <inheritdoc />
    protected override string Sentence(string disks, bool areReady) => areReady
        ? $"Ready: {disks}. The parent is not needed any more."
        : $"Paused the hydration of {disks}.";
}
