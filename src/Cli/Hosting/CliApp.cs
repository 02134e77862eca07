using System.CommandLine;
using SnapshotGrains.Cli.Commands;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Hosting;

/// <summary>Parses the arguments, runs the verb, and turns every outcome into an exit code and one sentence.</summary>
/// <param name="host">The surroundings.</param>
internal sealed class CliApp(CliHost host)
{
    private static readonly ParserConfiguration Parsing = new()
    {
        // '@' belongs to snapshots here, not to response files.
        ResponseFileTokenReplacer = null,
    };

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="cancellationToken">Interrupts the verb; it then exits with 130.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var parsed = new SnapgrainsCommand(host).Parse(arguments, Parsing);
        if (parsed.Errors.Count > 0)
        {
            // What is wrong may be --json itself, so its value cannot be asked for.
            return host.Console.WriteError(UsageErrorOf(parsed), arguments.Contains(host.Globals.Json.Name));
        }

        var json = parsed.GetValue(host.Globals.Json);
        try
        {
            return await parsed.InvokeAsync(Invocation(), cancellationToken);
        }
        catch (Exception error)
        {
            return host.Console.WriteError(CliError.Of(error, cancellationToken), json);
        }
        finally
        {
            host.Console.Out.Flush();
        }
    }

    private static CliError UsageErrorOf(ParseResult parsed)
    {
        var verb = CommandPath.Of(parsed.CommandResult.Command);
        return CliError.Usage($"{parsed.Errors[0].Message.TrimEnd('.')}; see '{verb} --help'.");
    }

    private InvocationConfiguration Invocation() => new()
    {
        Output = host.Console.Out,
        Error = host.Console.Error,
        EnableDefaultExceptionHandler = false,

        // Program handles the signals.
        ProcessTerminationTimeout = null,
    };
}
