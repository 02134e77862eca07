using Microsoft.Extensions.Logging;

namespace SnapshotGrains.InProcess.Activations;

/// <content>Log messages.</content>
internal abstract partial class ActivationTimer
{
    [LoggerMessage(10, LogLevel.Error, "A timer of {Activation} failed.")]
    private static partial void LogFailed(ILogger logger, Activation activation, Exception exception);
}
