using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>One run of the program, with what it printed.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs a command line; words are separated by single spaces.</summary>
    public static Task<CliRun> OfAsync(FakeSilo silo, string line, CancellationToken interrupt = default) =>
        OfAsync(silo, line.Split(' ', StringSplitOptions.RemoveEmptyEntries), interrupt: interrupt);

    /// <summary>Runs a command line.</summary>
    public static Task<CliRun> OfAsync(
        FakeSilo silo,
        string[] arguments,
        byte[]? input = null,
        Func<string, string?>? environment = null,
        CancellationToken interrupt = default) =>
        OfAsync(
            _ => silo.CreateHandler(), arguments, new MemoryStream(input ?? []), environment, new StringWriter(),
            interrupt);

    /// <summary>Runs a command line against a real silo; gives the bytes on its standard output too.</summary>
    public static async Task<(CliRun Run, byte[] Bytes)> BytesOfAsync(Uri server, string line)
    {
        var bytes = new MemoryStream();
        var run = await OfAsync(
            ServerConnections.CreateHandler,
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Stream.Null,
            name => name == "SNAPSHOTGRAINS_SERVER" ? server.ToString() : null,
            new StringWriter(),
            CancellationToken.None,
            bytes);
        return (run, bytes.ToArray());
    }

    /// <summary>Runs a verb that needs no silo, and interrupts it as soon as it has said something.</summary>
    public static async Task<CliRun> UntilOutputAsync(params string[] arguments)
    {
        using var interrupt = new CancellationTokenSource();
        using var output = new InterruptingWriter(interrupt);
        return await OfAsync(
            _ => throw new InvalidOperationException("this verb talks to no silo"), arguments, Stream.Null, null,
            output, interrupt.Token);
    }

    /// <summary>Runs a command line against a real silo.</summary>
    public static Task<CliRun> OfAsync(
        Uri server, string line, Stream? input = null, CancellationToken interrupt = default) => OfAsync(
        ServerConnections.CreateHandler,
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        input ?? Stream.Null,
        name => name == "SNAPSHOTGRAINS_SERVER" ? server.ToString() : null,
        new StringWriter(),
        interrupt);

    /// <summary>Runs a command line against a real silo that wants more than an address.</summary>
    public static Task<CliRun> OfAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        OfAsync(
            ServerConnections.CreateHandler, arguments, Stream.Null, environment.GetValueOrDefault, new StringWriter(),
            CancellationToken.None);

    private static async Task<CliRun> OfAsync(
        Func<CaCertificates?, HttpMessageHandler> createHandler,
        string[] arguments,
        Stream input,
        Func<string, string?>? environment,
        StringWriter output,
        CancellationToken interrupt,
        Stream? bytes = null)
    {
        var error = new StringWriter();
        var host = new CliHost
        {
            Console = new CliConsole(output, error),
            Environment = environment ?? (_ => null),
            OpenInput = () => input,
            OpenOutput = () => bytes ?? Stream.Null,
            CreateHttpHandler = createHandler,
        };
        var exitCode = await new CliApp(host).RunAsync(arguments, interrupt);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Presses Ctrl-C once something is printed and flushed.</summary>
    private sealed class InterruptingWriter(CancellationTokenSource interrupt) : StringWriter
    {
        public override void Flush()
        {
            base.Flush();
            if (GetStringBuilder().Length > 0)
            {
                interrupt.Cancel();
            }
        }
    }
}
