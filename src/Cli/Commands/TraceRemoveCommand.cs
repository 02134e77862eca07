using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>trace rm</c>.</summary>
internal sealed class TraceRemoveCommand : ServerVerb
{
    private readonly TraceArguments _trace = new();

    /// <summary>The command.</summary>
    public TraceRemoveCommand(CliHost host)
        : base(host, "rm", "Forget a trace; the next clone that is used begins a new one")
    {
        _trace.AddTo(this);
        Examples = ["snapgrains trace rm debian@v1", "snapgrains trace rm debian@v1 --profile web"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var name = _trace.NameOf(arguments);
        await server.DeleteTraceAsync(name, cancellationToken);
        output.Confirm(new Removed([name.ToString()]), removed => $"Deleted trace {removed.Names[0]}.");
    }
}
