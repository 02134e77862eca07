using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>version</c>.</summary>
internal sealed class VersionCommand : Verb
{
    /// <summary>The command.</summary>
    public VersionCommand(CliHost host)
        : base(host, "version", "Show this program's version and the grain engine it was built with")
    {
        Examples = ["snapgrains version", "snapgrains version --json"];
        RefuseServerOptions();
    }

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = VerbOutput.Of(Host, arguments);
        var version = ProgramVersion.Current;
        if (output.IsJson)
        {
            output.WriteJson(version);
        }
        else
        {
            Host.Console.Out.WriteLine(version.ToString());
        }

        return Task.FromResult(ExitCode.Ok);
    }
}
