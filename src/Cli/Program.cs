using System.Runtime.InteropServices;
using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli;

/// <summary>The <c>snapgrains</c> program.</summary>
internal static class Program
{
    /// <summary>Runs one verb; the first Ctrl-C or SIGTERM ends it in an orderly way, the second at once.</summary>
    private static async Task<int> Main(string[] args)
    {
        using var interrupt = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        return await new CliApp(CliHost.ForProcess()).RunAsync(args, interrupt.Token);

        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        }
    }
}
