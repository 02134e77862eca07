using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Disks;

public sealed partial class DiskHome
{
    [LoggerMessage(4101, LogLevel.Error, "What was written to '{Disk}' and not flushed may be lost: {Why}")]
    private partial void LogCloseFailed(string disk, string why);

    [LoggerMessage(4102, LogLevel.Warning, "'{Disk}' is taken over from writer '{Writer}' by '{Holder}'")]
    private partial void LogTakenOver(string disk, string writer, string holder);

    [LoggerMessage(
        4103, LogLevel.Warning, "The state of '{Disk}' could not be recorded and will be at the next start: {Why}")]
    private partial void LogReportFailed(string disk, string why);

    [LoggerMessage(4104, LogLevel.Warning, "Silo {Silo} could not be asked to close '{Disk}': {Why}")]
    private partial void LogNotLetGo(string disk, string silo, string why);

    [LoggerMessage(4105, LogLevel.Warning, "'{Disk}', which nobody uses here, could not be let go: {Why}")]
    private partial void LogNotLeft(string disk, string why);
}
