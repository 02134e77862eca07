namespace SnapshotGrains.Nbd;

/// <summary>The parts of one connection's transmission phase, put together.</summary>
internal sealed class TransmissionSession
{
    /// <summary>
    /// Lent memory in one batch of replies: large enough for throughput, small enough to start early.
    /// </summary>
    private const int BatchBytes = 512 * 1024;

    public TransmissionSession(
        NegotiatedExport negotiated, NbdTransport transport, NbdServerOptions options, NbdConnectionInfo connection,
        CancellationToken ct)
    {
        Export = negotiated.Export;
        var info = Export.Info;
        Rules = new RequestRules(info, negotiated.StructuredReplies, negotiated.BlockStatus);
        Failures = new RequestFailures(connection, info.Name, options.Events, ct);
        InFlight = new InFlight(options.MaxInFlightRequests, options.MaxInFlightBytes);
        Batch = new ReplyBatch(negotiated.StructuredReplies, BatchBytes);
        LateBatch = new ReplyBatch(negotiated.StructuredReplies, BatchBytes);
        Sender = new ReplySender(transport, InFlight, LateBatch, $"nbd-send-{connection.Id}");
    }

    public INbdExport Export { get; }

    public RequestRules Rules { get; }

    public RequestFailures Failures { get; }

    public InFlight InFlight { get; }

    public ReplyBatch Batch { get; }

    public ReplyBatch LateBatch { get; }

    public ReplySender Sender { get; }

    public ConnectionCounters Counters { get; } = new();
}
