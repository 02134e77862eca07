namespace SnapshotGrains.Nbd;

/// <summary>Adds up the counters of connections that are closed, and of those that are open when asked.</summary>
internal sealed class ServerTotals
{
    private readonly object _gate = new();
    private readonly long[] _requests = new long[ConnectionCounters.Commands + 1];
    private long _accepted;
    private long _refused;
    private long _failed;
    private long _bytesRead;
    private long _bytesWritten;

    public void CountAccepted() => Interlocked.Increment(ref _accepted);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    /// <summary>Removes a connection and keeps its counts, in one step so that a snapshot counts it once.</summary>
    public void Close(NbdConnection connection, Action remove)
    {
        lock (_gate)
        {
            remove();
            if (connection.Session is { } session)
            {
                AddTo(_requests, session, ref _failed, ref _bytesRead, ref _bytesWritten);
            }
        }
    }

    public NbdServerStatistics Snapshot(IEnumerable<NbdConnection> open, int openCount)
    {
        lock (_gate)
        {
            var requests = _requests.ToArray();
            var (failed, read, written) = (_failed, _bytesRead, _bytesWritten);
            foreach (var connection in open)
            {
                if (connection.Session is { } session)
                {
                    AddTo(requests, session, ref failed, ref read, ref written);
                }
            }

            return new NbdServerStatistics
            {
                OpenConnections = openCount,
                AcceptedConnections = Interlocked.Read(ref _accepted),
                RefusedConnections = Interlocked.Read(ref _refused),
                Requests = ByCommand(requests),
                UnknownRequests = requests[ConnectionCounters.Commands],
                FailedRequests = failed,
                BytesRead = read,
                BytesWritten = written,
            };
        }
    }

    private static Dictionary<NbdCommand, long> ByCommand(long[] requests)
    {
        var byCommand = new Dictionary<NbdCommand, long>();
        for (var i = 0; i < ConnectionCounters.Commands; i++)
        {
            if (requests[i] > 0)
            {
                byCommand[(NbdCommand)i] = requests[i];
            }
        }

        return byCommand;
    }

    private static void AddTo(
        long[] requests, TransmissionSession session, ref long failed, ref long read, ref long written)
    {
        var counted = session.Counters.Requests;
        for (var i = 0; i < counted.Length; i++)
        {
            requests[i] += counted[i];
        }

        failed += session.Batch.FailedRequests + session.LateBatch.FailedRequests;
        read += session.Batch.BytesRead + session.LateBatch.BytesRead;
        written += session.Counters.BytesWritten;
    }
}
