using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Client;

/// <content>What it tells.</content>
public sealed partial class KeyRing
{
    [LoggerMessage(6001, LogLevel.Warning, "Key {Key} is zeroised: {Why}")]
    private partial void LogLost(KeyRef key, string why);

    [LoggerMessage(6002, LogLevel.Warning,
        "Whether key {Key} may still be used could not be asked; the keys in use stay in use until an answer: {Why}")]
    private partial void LogUnanswered(KeyRef key, string why);

    [LoggerMessage(6003, LogLevel.Information, "Whether keys may still be used is answered again")]
    private partial void LogAnswered();

    [LoggerMessage(6004, LogLevel.Error, "What was open under key {Key} could not be closed")]
    private partial void LogListenerFailed(Exception error, KeyRef key);
}
