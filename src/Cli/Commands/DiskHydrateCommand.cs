using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk hydrate</c>.</summary>
internal sealed class DiskHydrateCommand : HydrationVerb
{
    /// <summary>The command.</summary>
    public DiskHydrateCommand(CliHost host)
        : base(
            host, "hydrate",
            "Start or resume to copy the parent's content into disks, in the background",
            HydrationCommand.Start, canWait: true) =>
        Examples = ["snapgrains disk hydrate vm1", "snapgrains disk hydrate vm1 vm2 --wait"];

    /// <inheritdoc />
    protected override string Sentence(string disks, bool areReady) => areReady
        ? $"Ready: {disks}. The parent is not needed any more."
        : $"Hydration of {disks} has started; 'snapgrains disk info DISK' shows how far it is.";
}
