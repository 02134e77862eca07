using System.CommandLine;
using System.CommandLine.Invocation;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Commands;

/// <summary>Prints a command's help: usage, arguments, options, examples and exit codes.</summary>
/// <param name="globals">The options listed apart, since every verb has them.</param>
internal sealed class HelpTextAction(GlobalOptions globals) : SynchronousCommandLineAction
{
    /// <summary>Help is wanted whatever else is wrong with the line.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult) =>
        Write(parseResult.InvocationConfiguration.Output, parseResult.CommandResult.Command, globals);

    /// <summary>Prints the help of <paramref name="command"/>.</summary>
    public static int Write(TextWriter output, Command command, GlobalOptions globals)
    {
        output.WriteLine(command.Description + ".");
        WriteSection(output, "Usage", [UsageOf(command)]);
        WriteRows(output, "Commands", command.Subcommands.Select(verb => (verb.Name, verb.Description)));
        WriteRows(output, "Arguments", command.Arguments.Select(argument => (argument.Name, argument.Description)));
        WriteRows(output, "Options", OwnOptions(command));
        WriteRows(output, "Options of every command", GlobalRows(globals, command as Verb));
        WriteSection(output, "Examples", (command as Verb)?.Examples ?? []);
        WriteRows(output, "Exit codes", ExitCode.All.Select(exit => (exit.Code.ToString(), (string?)exit.Meaning)));
        return ExitCode.Ok;
    }

    private static string UsageOf(Command command)
    {
        var arguments = command.Arguments.Select(argument => argument.Arity switch
        {
            { MinimumNumberOfValues: 0, MaximumNumberOfValues: 1 } => $"[{argument.Name}]",
            { MinimumNumberOfValues: 0 } => $"[{argument.Name}...]",
            { MaximumNumberOfValues: > 1 } => $"{argument.Name} [{argument.Name}...]",
            _ => argument.Name,
        });
        string[] parts =
        [
            CommandPath.Of(command), .. command.Subcommands.Count > 0 ? ["COMMAND"] : arguments, "[options]",
        ];
        return string.Join(' ', parts);
    }

    private static IEnumerable<(string, string?)> OwnOptions(Command command) => command is RootCommand
        ? []
        : command.Options.Select(option => RowOf(option));

    private static IEnumerable<(string, string?)> GlobalRows(GlobalOptions globals, Verb? verb) =>
    [
        RowOf(globals.Server), RowOf(globals.Token, verb?.TokenMeaning), RowOf(globals.Ca),
        RowOf(globals.Timeout, verb?.TimeoutMeaning), RowOf(globals.Json), RowOf(globals.Quiet),
        ("--help, -h", "Show help"),
    ];

    private static (string, string?) RowOf(Option option, string? meaning = null)
    {
        var names = string.Join(", ", [option.Name, .. option.Aliases]);
        return (option.HelpName is { } value ? $"{names} {value}" : names, meaning ?? option.Description);
    }

    private static void WriteRows(TextWriter output, string title, IEnumerable<(string Name, string? Meaning)> rows)
    {
        var all = rows.ToArray();
        var width = all.Select(row => row.Name.Length).DefaultIfEmpty().Max();
        WriteSection(output, title, [.. all.Select(row => $"{row.Name.PadRight(width)}  {row.Meaning}")]);
    }

    private static void WriteSection(TextWriter output, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach (var line in lines)
        {
            output.WriteLine($"  {line}");
        }
    }
}
