using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>node resume</c>.</summary>
internal sealed class NodeResumeCommand : ServerVerb
{
    private readonly Argument<string> _node = CommonArguments.Node("The silo, as 'node ls' names it");

    /// <summary>The command.</summary>
    public NodeResumeCommand(CliHost host)
        : base(host, "resume", "Let a silo that was drained be used again")
    {
        Arguments.Add(_node);
        Examples = ["snapgrains node resume node-2-0"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken) =>
        output.Confirm(
            await server.ResumeNodeAsync(arguments.GetRequiredValue(_node), cancellationToken),
            node => $"{node.Name} takes segments and disks again.");
}
