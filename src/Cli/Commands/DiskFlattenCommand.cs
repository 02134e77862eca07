using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk flatten</c>.</summary>
internal sealed class DiskFlattenCommand : HydrationVerb
{
    /// <summary>The command.</summary>
    public DiskFlattenCommand(CliHost host)
        : base(
            host, "flatten",
            "Copy the parent's content into disks before others, and cut the link to the parent",
            HydrationCommand.Flatten, canWait: true) =>
        Examples = ["snapgrains disk flatten vm1 --wait", "snapgrains disk flatten ci-{1..100}"];

    /// <inheritdoc />
    protected override string Sentence(string disks, bool areReady) => areReady
        ? $"Ready: {disks}. The parent is not needed any more."
        : $"Flattening of {disks} has started; 'snapgrains disk info DISK' shows how far it is.";
}
