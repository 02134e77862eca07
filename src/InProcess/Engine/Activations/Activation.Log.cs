using Microsoft.Extensions.Logging;

namespace SnapshotGrains.InProcess.Activations;

/// <content>Log messages.</content>
internal sealed partial class Activation
{
    [LoggerMessage(1, LogLevel.Error, "Failed to activate {Activation}.")]
    private static partial void LogActivationFailed(ILogger logger, Activation activation, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "A step of the deactivation of {Activation} failed.")]
    private static partial void LogDeactivationStepFailed(ILogger logger, Activation activation, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "An operation of {Activation} failed.")]
    private static partial void LogOperationFailed(ILogger logger, Activation activation, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "Code of {Activation} failed when its activation was cancelled.")]
    private static partial void LogCancellationFailed(ILogger logger, Activation activation, Exception exception);
}
