using System.Runtime.InteropServices;
using Orleans.Runtime;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>
/// Ends the process of a silo that cannot go on, above all because the others voted it out while its machine hung or
/// was cut off.
/// </summary>
/// <remarks>
/// At once, as a crash would: by now others may own what it had. Orleans' own handler lets two seconds pass first, and
/// prints stacks that say nothing to an operator. A program that embeds silos ends too.
/// </remarks>
/// <param name="logging">What is logged must be written before the end.</param>
internal sealed partial class SiloEnd(ILoggerFactory logging) : IFatalErrorHandler
{
    /// <summary>What the program ends with: trying again may help.</summary>
    public const int ExitCode = 5;

    /// <summary>Nobody may read what this process writes.</summary>
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc />
    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        try
        {
            // A thread of its own: a process that has stood still has much to do.
            var log = new Thread(() => Log(context, exception)) { IsBackground = true };
            log.Start();
            log.Join(LogTimeout);
        }
        finally
        {
            Exit(ExitCode);
        }
    }

    private void Log(string? context, Exception? exception)
    {
        Ends(logging.CreateLogger<SiloEnd>(), context, exception);
        logging.Dispose();
    }

    [LoggerMessage(1301, LogLevel.Critical,
        "The silo ends here; started again, it joins the cluster anew. {Why}")]
    private static partial void Ends(ILogger log, string? why, Exception? exception);

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
