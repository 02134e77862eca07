using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Watching;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>node drain</c>: waits until the silo has handed over what it has.</summary>
internal sealed class NodeDrainCommand : ServerVerb
{
    private readonly Argument<string> _node = CommonArguments.Node("The silo, as 'node ls' names it");
    private readonly Option<bool> _noWait = new("--no-wait")
    {
        Description = "Return at once; 'node ls' shows the rest",
    };

    /// <summary>The command.</summary>
    public NodeDrainCommand(CliHost host)
        : base(host, "drain", "Let a silo hand over its segments and disks, and take nothing new, until 'node resume'")
    {
        Arguments.Add(_node);
        Options.Add(_noWait);
        Examples = ["snapgrains node drain node-2-0", "snapgrains node drain node-2-0 --no-wait"];
    }

    /// <inheritdoc />
    protected override TimeSpan? TimeoutByDefault(ParseResult arguments) =>
        arguments.GetValue(_noWait) ? base.TimeoutByDefault(arguments) : null;

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var name = arguments.GetRequiredValue(_node);
        var node = await server.DrainNodeAsync(name, cancellationToken);
        if (!arguments.GetValue(_noWait))
        {
            GoesOn = $"The silo goes on handing over; 'snapgrains node resume {name}' lets it be used again.";
            node = await WaitAsync(server, output, name, cancellationToken);
        }

        output.Confirm(node, Sentence);
    }

    private async Task<NodeInfo> WaitAsync(
        HttpControlPlane server, VerbOutput output, string name, CancellationToken cancellationToken) =>
        await new WorkProgress(output, Host.Time).RunAsync(
            $"Draining {name}",
            report => new Polling(server.Server, Host.Time).UntilAsync(
                async ct => (await server.ListNodesAsync(ct)).FirstOrDefault(node => node.Name == name)
                    ?? throw new SnapshotGrainsException(
                        ErrorCode.SiloUnavailable, $"Silo '{name}' went away while it was drained."),
                node =>
                {
                    report(StateOf(node));
                    return node.Drain is not { IsRunning: true };
                },
                cancellationToken));

    private static WorkState StateOf(NodeInfo node)
    {
        var drain = node.Drain ?? new DrainProgress(false, 0, 0, 0, 0);
        var all = drain.SegmentsMoved + drain.SegmentsLeft;
        return new WorkState(
            all == 0 ? 1 : (double)drain.SegmentsMoved / all, $"{drain.SegmentsLeft} segments left");
    }

    private static string Sentence(NodeInfo node) => node.Drain switch
    {
        { IsRunning: true } => $"{node.Name} is handing over what it has.",
        { SegmentsLeft: 0, DisksLeft: 0 } => $"{node.Name} is empty and takes nothing new.",
        { } left => $"{node.Name} takes nothing new. It keeps {left.SegmentsLeft} segments that nobody took, and "
            + $"{left.DisksLeft} disks that no other node has or that guests are attached to here.",
        null => $"{node.Name} is used again already.",
    };
}
