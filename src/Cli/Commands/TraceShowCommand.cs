using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Traces;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>trace show</c>.</summary>
internal sealed class TraceShowCommand : ServerVerb
{
    private readonly TraceArguments _trace = new();

    /// <summary>The command.</summary>
    public TraceShowCommand(CliHost host)
        : base(host, "show", "Show what is known of a snapshot's traces, or of that of one profile")
    {
        _trace.AddTo(this);
        Examples = ["snapgrains trace show debian@v1", "snapgrains trace show debian@v1 --profile web --json"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var traces = await server.ListTracesAsync(_trace.SnapshotOf(arguments), cancellationToken);
        if (_trace.ProfileOf(arguments) is { } profile)
        {
            output.Describe(
                traces.FirstOrDefault(trace => trace.Name.Profile == profile)
                    ?? throw TraceErrors.NoSuchTrace(_trace.NameOf(arguments)),
                TraceTable.Facts);
        }
        else
        {
            output.List(traces, TraceTable.Create());
        }
    }
}
