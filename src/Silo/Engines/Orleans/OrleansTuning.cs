using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>
/// Where Orleans' defaults do not suit us: it gives up on a dead silo after half a minute, queues without a limit, and
/// lets requests go on that nobody waits for any more. <c>docs/CLUSTER.md</c> says what follows for a node's death.
/// </summary>
internal static class OrleansTuning
{
    /// <summary>
    /// Calls carry metadata, and a segment at most; a larger message would close its connection, under other calls.
    /// </summary>
    private const int MaxMessageBytes = 16 << 20;

    /// <summary>Requests that wait for one grain's turn; more are refused at once, not timed out later.</summary>
    private const int MaxWaitingRequests = 10_000;

    /// <summary>So that a large message does not hold up all others between two silos.</summary>
    private const int ConnectionsPerEndpoint = 4;

    /// <summary>
    /// Grains on other silos whose place a silo remembers. Readers work out for themselves where segments are, so the
    /// default, a million, would only cost the memory that it makes room in, and the time.
    /// </summary>
    private const int RememberedAddresses = 1 << 16;

    public static void Apply(ISiloBuilder silo)
    {
        silo.Services.AddSingleton<IFatalErrorHandler, SiloEnd>();
        silo.Configure<ClusterMembershipOptions>(Apply);
        silo.Configure<ConnectionOptions>(Apply);
        silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = RememberedAddresses);
        silo.Configure<SiloMessagingOptions>(options =>
        {
            Apply(options);
            options.MaxEnqueuedRequestsHardLimit = MaxWaitingRequests;
        });
    }

    public static void Apply(IClientBuilder client)
    {
        client.Configure<ConnectionOptions>(options =>
        {
            Apply(options);

            // A gateway knows one connection of a client: each further one takes the place of the one before.
            options.ConnectionsPerEndpoint = 1;
        });
        client.Configure<ClientMessagingOptions>(options => Apply(options));

        // A gateway that did not answer is left out until the list is read again.
        client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
    }

    private static void Apply(MessagingOptions options)
    {
        options.CancelRequestOnTimeout = true;
        options.MaxMessageBodySize = MaxMessageBytes;
    }

    private static void Apply(ConnectionOptions options)
    {
        options.ConnectionsPerEndpoint = ConnectionsPerEndpoint;
        options.OpenConnectionTimeout = TimeSpan.FromSeconds(2);
        options.ConnectionRetryDelay = TimeSpan.FromMilliseconds(500);
    }

    /// <summary>
    /// A silo whose process was killed is out after 3 to 5 seconds, one whose machine vanished or hangs after 10.
    /// </summary>
    private static void Apply(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        options.NumMissedProbesLimit = 3;

        // One silo that is cut off from all others must not be able to vote them out. Of two silos one is enough.
        options.NumVotesForDeathDeclaration = 2;

        // Silos tell each other of changes at once; the table is read in case that gets lost.
        options.TableRefreshTimeout = TimeSpan.FromSeconds(2);

        // Without such a sign of life for 9 seconds a silo does not count any more: neither for votes, nor as one that
        // a starting silo must reach. So a cluster that was killed as a whole can start with any of its nodes.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3);
        options.NumMissedTableIAmAliveLimit = 3;
        options.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }
}
