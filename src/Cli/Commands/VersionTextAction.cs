using System.CommandLine;
using System.CommandLine.Invocation;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Commands;

/// <summary>What <c>--version</c> does: the same as the verb <c>version</c>.</summary>
internal sealed class VersionTextAction : SynchronousCommandLineAction
{
    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Current.ToString());
        return ExitCode.Ok;
    }
}
