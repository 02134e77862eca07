using Orleans.Dashboard;
using Orleans.Hosting;
using SnapshotGrains.Silo.Access;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>What is particular to Microsoft Orleans; see also <c>GrainEngine.InProcess.cs</c>.</summary>
internal static class GrainEngine
{
    /// <summary>The engine's name, as status, logs and the README give it.</summary>
    public const string Name = "Orleans";

    /// <summary>Why silos of several processes cannot form a cluster with this engine: they can.</summary>
    public static string? WhyNotShared => null;

    /// <summary>Who prepares the database of a cluster; null where there is none.</summary>
    public static IClusterSetup? SetupOf(Membership membership) => membership switch
    {
        Membership.Postgres => new PostgresSetup(),
        Membership.Redis => new RedisSetup(),
        _ => null,
    };

    /// <summary>The cluster that settings say.</summary>
    /// <exception cref="SiloConfigurationException">Its database is not set up, or not for this build.</exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: it does not answer.
    /// </exception>
    public static async Task<IClusterProvider> OpenClusterAsync(
        SiloSettings settings, ILoggerFactory logging, CancellationToken cancellationToken) =>
        settings.Membership switch
        {
            Membership.Postgres => await PostgresCluster.OpenAsync(settings, cancellationToken).ConfigureAwait(false),
            Membership.Redis => await RedisCluster.OpenAsync(settings, logging, cancellationToken)
                .ConfigureAwait(false),
            _ => LocalCluster.Open(settings),
        };

    /// <summary>The dashboard's data, and what Orleans' defaults do not suit.</summary>
    public static void Configure(ISiloBuilder silo, SiloSettings settings)
    {
        if (settings.HasDashboard)
        {
            silo.AddDashboard();
        }

        OrleansTuning.Apply(silo);
    }

    /// <summary>The dashboard asks the cluster as a client.</summary>
    public static void Configure(IClientBuilder client, SiloSettings settings)
    {
        if (settings.HasDashboard)
        {
            client.AddDashboard();
        }

        OrleansTuning.Apply(client);
    }

    /// <summary>The Orleans dashboard, at /orleans, for those who have the access token.</summary>
    public static void MapPages(WebApplication app, SiloSettings settings)
    {
        if (settings.HasDashboard)
        {
            app.MapOrleansDashboard("/orleans").RequireAuthorization(AccessHosting.Policy);
        }
    }
}
