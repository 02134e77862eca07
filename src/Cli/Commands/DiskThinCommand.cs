using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk thin</c>.</summary>
internal sealed class DiskThinCommand : HydrationVerb
{
    /// <summary>The command.</summary>
    public DiskThinCommand(CliHost host)
        : base(
            host, "thin",
            "Give up the hydration of disks: they stay thin and depend on their parent",
            HydrationCommand.Cancel) =>
        Examples = ["snapgrains disk thin vm1", "snapgrains disk thin ci-{1..100}"];

    /// <inheritdoc />
    protected override string Sentence(string disks, bool areReady) => areReady
        ? $"Ready: {disks}. The parent is not needed any more."
        : $"Thin from now on: {disks}.";
}
