using System.Net;
using Microsoft.Extensions.Logging;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Exports;

/// <summary>Writes what the NBD server tells to the log.</summary>
public sealed partial class NbdEventLog(ILogger log) : INbdServerEvents
{
    public void AcceptFailed(EndPoint endpoint, Exception error) => LogAcceptFailed(error, endpoint);

    public void ConnectionRefused(NbdConnectionInfo connection, int maxConnections) =>
        LogRefused(connection.Remote, maxConnections);

    public void ExportEntered(NbdConnectionInfo connection, NbdExportInfo export) =>
        LogAttached(export.Name, connection.Id, connection.Listener);

    public void ProviderFailed(NbdConnectionInfo connection, string export, Exception error) =>
        LogProviderFailed(error, export, connection.Id);

    public void RequestFailed(NbdConnectionInfo connection, NbdRequestFailure failure) => LogRequestFailed(
        failure.Command, failure.Offset, failure.Length, failure.Export, connection.Id, failure.Error,
        failure.Exception.Message);

    public void ConnectionClosed(NbdConnectionInfo connection, NbdCloseReason reason, Exception? error)
    {
        if (reason == NbdCloseReason.InternalError)
        {
            LogBroken(error, connection.Id);
        }
        else
        {
            LogClosed(connection.Id, reason);
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "Accepting a connection on {Endpoint} failed")]
    private partial void LogAcceptFailed(Exception error, EndPoint endpoint);

    [LoggerMessage(3002, LogLevel.Warning, "Refused a connection from '{Remote}': there are {Max} already")]
    private partial void LogRefused(string remote, int max);

    [LoggerMessage(3003, LogLevel.Information, "'{Export}' attached by connection {Connection} on {Listener}")]
    private partial void LogAttached(string export, long connection, string listener);

    [LoggerMessage(3004, LogLevel.Error, "Opening '{Export}' for connection {Connection} failed")]
    private partial void LogProviderFailed(Exception error, string export, long connection);

    [LoggerMessage(3005, LogLevel.Error,
        "{Command} of {Length} bytes at {Offset} of '{Export}' failed for connection {Connection} with {Error}: {Why}")]
    private partial void LogRequestFailed(
        NbdCommand command, long offset, long length, string export, long connection, NbdError error, string why);

    [LoggerMessage(3006, LogLevel.Debug, "Connection {Connection} closed: {Reason}")]
    private partial void LogClosed(long connection, NbdCloseReason reason);

    [LoggerMessage(3007, LogLevel.Error, "Connection {Connection} broke on an internal error")]
    private partial void LogBroken(Exception? error, long connection);
}
