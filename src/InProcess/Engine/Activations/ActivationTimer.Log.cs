using Microsoft.Extensions.Logging;

namespace SnapshotGrains.InProcess.Activations;

/// <content>Log messages.</content>
internal abstract partial class ActivationTimer
{
    [LoggerMessage(10, LogLevel.Error, "A timer of {Activation} failed.")]
    private static partial void LogFailed(ILogger logger, Activation activation, Exception exception);

    [LoggerMessage(11, LogLevel.Warning, "Code of {Activation} failed when its timer was cancelled.")]
    private static partial void LogCancellationFailed(ILogger logger, Activation activation, Exception exception);
}
