using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Traces;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>trace import</c>.</summary>
internal sealed class TraceImportCommand : ServerVerb
{
    private readonly TraceArguments _trace = new();

    private readonly Argument<string> _file = new("FILE")
    {
        Description = "What 'trace export' wrote, in either form; - is standard input",
    };

    /// <summary>The command.</summary>
    public TraceImportCommand(CliHost host)
        : base(host, "import", "Replace a trace by one from a file; what clones do adds to it")
    {
        Arguments.Add(_file);
        _trace.AddTo(this);
        Examples =
        [
            "snapgrains trace import debian.trace debian@v1",
            "snapgrains trace export debian@v1 - | snapgrains --server http://other:8080 trace import - debian@v1",
        ];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var trace = await TraceFile.ReadAsync(Host, arguments.GetRequiredValue(_file), cancellationToken);
        var imported = await server.ImportTraceAsync(
            _trace.NameOf(arguments), trace.Encode(), cancellationToken);
        output.Confirm(
            imported, done => $"Trace {done.Name} has {Shares.Count(done.Segments)} segments now.");
    }
}
