namespace SnapshotGrains.Nbd;

/// <summary>Turns what an export throws into what the client gets, and tells the observer.</summary>
internal sealed class RequestFailures(
    NbdConnectionInfo connection, string export, INbdServerEvents? events, CancellationToken connectionEnds)
{
    public (NbdError Error, string Message) Describe(in RequestHeader request, Exception exception)
    {
        var (error, message) = exception switch
        {
            NbdException e when e.Error != NbdError.None => (e.Error, e.Message),
            OperationCanceledException when connectionEnds.IsCancellationRequested =>
                (NbdError.Shutdown, "The connection is closing."),
            // Details of other errors may be nobody's business outside; the observer has them.
            _ => (NbdError.Io, $"{request.Command} of {request.Length} bytes at {request.Offset} failed."),
        };
        events?.RequestFailed(connection, new NbdRequestFailure(
            export, request.Command, (long)request.Offset, request.Length, error, exception));
        return (error, message);
    }
}
