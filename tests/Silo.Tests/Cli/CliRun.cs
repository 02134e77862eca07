using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>One run of the program against a fake silo, with what it printed.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs a command line; words are separated by single spaces.</summary>
    public static Task<CliRun> OfAsync(FakeSilo silo, string line, CancellationToken interrupt = default) =>
        OfAsync(silo, line.Split(' ', StringSplitOptions.RemoveEmptyEntries), interrupt: interrupt);

    /// <summary>Runs a command line.</summary>
    public static async Task<CliRun> OfAsync(
        FakeSilo silo,
        string[] arguments,
        byte[]? input = null,
        Func<string, string?>? environment = null,
        CancellationToken interrupt = default)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var host = new CliHost
        {
            Console = new CliConsole(output, error),
            Environment = environment ?? (_ => null),
            OpenInput = () => new MemoryStream(input ?? []),
            CreateHttpHandler = () => silo.CreateHandler(),
        };
        var exitCode = await new CliApp(host).RunAsync(arguments, interrupt);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }
}
