using Microsoft.Extensions.Logging.Console;

namespace SnapshotGrains.Silo;

/// <summary>How programs that serve log.</summary>
public static class ConsoleLogging
{
    /// <summary>One line an event on the console; the engine's own chatter only from warnings up.</summary>
    public static ILoggerFactory Create(IConfiguration configuration) => LoggerFactory.Create(logging =>
    {
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddFilter("Orleans", LogLevel.Warning);

        // Both warn at each start: of a garbage collector that bytes outside the heap do not need, and of nothing.
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        logging.AddFilter("Polly", LogLevel.Warning);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // Standard output is for answers; what happens goes to standard error.
        logging.Services.Configure<ConsoleLoggerOptions>(
            options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
    });
}
