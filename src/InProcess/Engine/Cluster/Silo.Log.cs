using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Cluster;

/// <content>Log messages.</content>
internal sealed partial class Silo
{
    [LoggerMessage(20, LogLevel.Information, "Silo {Name} is active at {Address} (grain engine: InProcess).")]
    private static partial void LogActive(ILogger logger, string name, SiloAddress address);

    [LoggerMessage(21, LogLevel.Information, "Silo {Name} drains {Activations} activations.")]
    private static partial void LogDraining(ILogger logger, string name, int activations);

    [LoggerMessage(22, LogLevel.Information, "Silo {Name} has stopped; {Activations} activations are lost.")]
    private static partial void LogStopped(ILogger logger, string name, int activations);
}
