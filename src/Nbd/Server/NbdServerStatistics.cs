namespace SnapshotGrains.Nbd;

/// <summary>Counters of a server since it started; live connections included.</summary>
public sealed record NbdServerStatistics
{
    /// <summary>Connections open now.</summary>
    public int OpenConnections { get; init; }

    /// <summary>Connections accepted so far.</summary>
    public long AcceptedConnections { get; init; }

    /// <summary>Connections refused because there were too many.</summary>
    public long RefusedConnections { get; init; }

    /// <summary>Requests received, by command; commands that were never used are missing.</summary>
    public IReadOnlyDictionary<NbdCommand, long> Requests { get; init; } = new Dictionary<NbdCommand, long>();

    /// <summary>Requests of unknown type.</summary>
    public long UnknownRequests { get; init; }

    /// <summary>Requests answered with an error.</summary>
    public long FailedRequests { get; init; }

    /// <summary>Payload bytes of answered reads; holes that were sent as holes count with their length.</summary>
    public long BytesRead { get; init; }

    /// <summary>Payload bytes of writes that were received.</summary>
    public long BytesWritten { get; init; }
}
