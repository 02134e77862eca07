using Microsoft.Extensions.Logging;

namespace SnapshotGrains.InProcess.Calls;

/// <content>Log messages.</content>
internal abstract partial class GrainCall
{
    [LoggerMessage(30, LogLevel.Warning, "The callee's code failed when {Call} was cancelled.")]
    private static partial void LogCancellationFailed(ILogger logger, GrainCall call, Exception exception);
}
