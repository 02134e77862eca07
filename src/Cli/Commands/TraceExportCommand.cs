using System.CommandLine;
using System.Text;
using SnapshotGrains.Cli.Export;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Traces;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>trace export</c>.</summary>
internal sealed class TraceExportCommand : ServerVerb
{
    private readonly TraceArguments _trace = new();

    private readonly Argument<string> _file = new("FILE") { Description = "The file; - is standard output" };

    private readonly Option<bool> _text = new("--text") { Description = "As text, a line for each segment" };

    /// <summary>The command.</summary>
    public TraceExportCommand(CliHost host)
        : base(host, "export", "Write a trace to a file, for 'trace import'")
    {
        _trace.AddTo(this);
        Arguments.Add(_file);
        Options.Add(_text);
        Examples =
        [
            "snapgrains trace export debian@v1 debian.trace",
            "snapgrains trace export debian@v1 - --text --profile web | tail -n +4 | sort -n",
        ];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var name = _trace.NameOf(arguments);
        var file = arguments.GetRequiredValue(_file);
        var encoded = await server.FindTraceAsync(name, cancellationToken) ?? throw TraceErrors.NoSuchTrace(name);
        var trace = SegmentTrace.Decode(encoded);
        var bytes = arguments.GetValue(_text) ? Encoding.UTF8.GetBytes(TraceText.Format(trace)) : encoded;
        await TraceFile.WriteAsync(Host, file, bytes, cancellationToken);
        if (file != ExportTarget.StandardOutput)
        {
            output.Confirm(
                new TraceExported(name.Snapshot, name.Profile, file, trace.Entries.Length),
                done => $"Wrote {Shares.Count(done.Segments)} segments of trace {name} to {done.File}.");
        }
    }
}
