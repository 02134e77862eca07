using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Disks;

internal sealed partial class HydrationScheduler
{
    [LoggerMessage(4001, LogLevel.Warning, "Hydration of '{Disk}' is interrupted, attempt {Attempt}: {Why}")]
    private partial void LogInterrupted(string disk, int attempt, string why);

    [LoggerMessage(4002, LogLevel.Error, "Hydration of '{Disk}' is given up: {Why}")]
    private partial void LogFailed(string disk, string why);

    [LoggerMessage(4003, LogLevel.Information, "'{Disk}' is hydrated and needs its parent no more")]
    private partial void LogCompleted(string disk);

    [LoggerMessage(4004, LogLevel.Error, "A worker of hydration met an error that it does not know; it goes on")]
    private partial void LogUnexpected(Exception error);

    [LoggerMessage(4005, LogLevel.Warning, "What was copied to '{Disk}' last may have to be copied again: {Why}")]
    private partial void LogNotFlushed(string disk, string why);
}
