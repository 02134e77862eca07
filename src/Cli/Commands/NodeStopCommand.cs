using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>node stop</c>.</summary>
internal sealed class NodeStopCommand : ServerVerb
{
    private readonly Argument<string> _node = CommonArguments.Node("The silo, as 'node ls' names it");
    private readonly Option<bool> _abrupt = new("--abrupt")
    {
        Description = "Drop it at once, as a crash would; its segments are loaded again elsewhere",
    };

    /// <summary>The command.</summary>
    public NodeStopCommand(CliHost host)
        : base(host, "stop", "Stop one silo; the others go on")
    {
        Arguments.Add(_node);
        Options.Add(_abrupt);
        Examples = ["snapgrains node stop silo-2", "snapgrains node stop silo-2 --abrupt"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var stopped = new NodeStopped(arguments.GetRequiredValue(_node), arguments.GetValue(_abrupt));
        await server.StopNodeAsync(stopped.Name, stopped.Abrupt, cancellationToken);
        output.Confirm(stopped, node => $"Stopped {node.Name}{(node.Abrupt ? " abruptly" : "")}.");
    }
}
