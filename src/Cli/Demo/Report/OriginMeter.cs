namespace SnapshotGrains.Cli.Demo;

/// <summary>
/// Adds up what the silos fetched from the image center. A dead silo takes its counters with it, so they are noted
/// while the guests pause before the kill; until it is dead they read nothing new.
/// </summary>
/// <param name="cluster">The silos.</param>
/// <param name="storm">The guests.</param>
/// <param name="touched">What the guests touched.</param>
internal sealed class OriginMeter(DemoCluster cluster, BootStorm storm, TouchedSegments touched)
{
    /// <summary>The promise: what the loss of one silo of three may cost.</summary>
    private const double PromisedLimit = 1.40;

    /// <summary>With fewer segments than this, or fewer silos than three, one silo may by chance hold more.</summary>
    private const int EnoughSegments = 200;

    private const int EnoughSilos = 3;

    private int _silos;
    private int _segments;

    /// <summary>The state before the kill.</summary>
    public OriginCount? Before { get; private set; }

    /// <summary>The silo to kill, as it was before; null where there is only one.</summary>
    public NodeInfo? Killed { get; private set; }

    /// <summary>
    /// The most that the amplification may come to: what was promised, or in a case too small for it, what follows
    /// from fetching once more all that the dead silo had.
    /// </summary>
    public double Limit => Killed is null
        ? 1.0
        : _silos >= EnoughSilos && _segments >= EnoughSegments
            ? PromisedLimit
            : Math.Round(Math.Max(PromisedLimit, 1 + (double)Killed.Origin.BytesFetched / Before!.BytesNeeded), 2);

    /// <summary>Notes the state before the kill, and chooses the silo.</summary>
    public async Task NoteHalfAsync(CancellationToken cancellationToken)
    {
        var nodes = await cluster.Api.ListNodesAsync(cancellationToken);
        _silos = nodes.Count;
        _segments = touched.NeededSegments;
        Before = Count(nodes, 0);
        Killed = DemoCluster.ChooseVictim(nodes);
    }

    /// <summary>The state now, the dead silo included.</summary>
    public async Task<OriginCount> TotalAsync(CancellationToken cancellationToken) =>
        Count(await SurvivorsAsync(cancellationToken), Killed?.Origin.BytesFetched ?? 0);

    /// <summary>Each silo's part.</summary>
    public async Task<IReadOnlyList<SiloCount>> SilosAsync(CancellationToken cancellationToken)
    {
        var living = (await SurvivorsAsync(cancellationToken)).Select(node => SiloCount.Of(node, wasKilled: false));
        var all = Killed is null ? living : living.Append(SiloCount.Of(Killed, wasKilled: true));
        return [.. all.OrderBy(silo => silo.Name, StringComparer.Ordinal)];
    }

    private async Task<IEnumerable<NodeInfo>> SurvivorsAsync(CancellationToken cancellationToken) =>
        (await cluster.Api.ListNodesAsync(cancellationToken)).Where(node => node.Name != Killed?.Name);

    private OriginCount Count(IEnumerable<NodeInfo> nodes, long deadBytes) =>
        new(storm.ServedBytes, touched.NeededBytes, deadBytes + nodes.Sum(node => node.Origin.BytesFetched));
}
