using Spectre.Console;

namespace SnapshotGrains.Cli.Output;

/// <summary>Standard output for results, standard error for errors and progress.</summary>
/// <param name="output">Results.</param>
/// <param name="error">Errors and progress.</param>
internal sealed class CliConsole(TextWriter output, TextWriter error)
{
    private readonly Lazy<IAnsiConsole> _ansiOut = new(() => Create(output));
    private readonly Lazy<IAnsiConsole> _ansiError = new(() => Create(error));

    /// <summary>Results.</summary>
    public TextWriter Out => output;

    /// <summary>Errors and progress.</summary>
    public TextWriter Error => error;

    /// <summary>Whether somebody watches standard output, so that colours and boxes are of use.</summary>
    public bool IsOutTerminal { get; init; }

    /// <summary>Whether somebody watches standard error, so that a progress bar is of use.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Standard output for tables and colours; use it only where <see cref="IsOutTerminal"/>.</summary>
    public IAnsiConsole AnsiOut => _ansiOut.Value;

    /// <summary>Standard error for progress bars; use it only where <see cref="IsErrorTerminal"/>.</summary>
    public IAnsiConsole AnsiError => _ansiError.Value;

    /// <summary>The console of this process.</summary>
    public static CliConsole ForProcess() => new(Console.Out, Console.Error)
    {
        IsOutTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
    };

    /// <summary>Reports an error in one line on standard error.</summary>
    /// <returns>The exit code that goes with it.</returns>
    public int WriteError(CliError report, bool json)
    {
        Error.WriteLine(json ? CliJson.Of(report) : $"snapgrains: {OneLine(report.Detail)}");
        Error.Flush();
        return report.ExitCode;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    // Spectre looks for NO_COLOR and for the terminal's abilities by itself.
    private static IAnsiConsole Create(TextWriter writer) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
