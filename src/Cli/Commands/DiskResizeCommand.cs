using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk resize</c>.</summary>
internal sealed class DiskResizeCommand : ServerVerb
{
    private readonly Argument<string> _disk = CommonArguments.Disk();

    private readonly Argument<long?> _size = new("SIZE")
    {
        Description = $"The new size, a multiple of 4K: {ValueParser.SizeRule}",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ValueParser.Size(least: 4096),
    };

    /// <summary>The command.</summary>
    public DiskResizeCommand(CliHost host)
        : base(host, "resize", "Change the size of a disk that nobody has attached; what is cut off is gone")
    {
        Arguments.Add(_disk);
        Arguments.Add(_size);
        Examples = ["snapgrains disk resize vm1 40G"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var disk = await server.ResizeDiskAsync(
            arguments.GetRequiredValue(_disk), arguments.GetRequiredValue(_size)!.Value, cancellationToken);
        output.Confirm(disk, now => $"{now.Name} has {ByteSize.Approximate(now.SizeBytes)} now.");
    }
}
