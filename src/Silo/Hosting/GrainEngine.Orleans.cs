using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using SnapshotGrains.Silo.Access;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>What is particular to Microsoft Orleans; see also <c>GrainEngine.InProcess.cs</c>.</summary>
internal static class GrainEngine
{
    /// <summary>The engine's name, as status, logs and the README give it.</summary>
    public const string Name = "Orleans";

    /// <summary>The dashboard's data, and membership that notices a dead neighbour within seconds.</summary>
    public static void Configure(ISiloBuilder silo)
    {
        silo.AddDashboard();
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.NumMissedProbesLimit = 2;
            options.NumVotesForDeathDeclaration = 1;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
        });
    }

    /// <summary>The dashboard asks the cluster as a client.</summary>
    public static void Configure(IClientBuilder client) => client.AddDashboard();

    /// <summary>The Orleans dashboard, at /orleans, for those who have the access token.</summary>
    public static void MapPages(WebApplication app) => app.MapOrleansDashboard("/orleans")
        .RequireAuthorization(AccessHosting.Policy);
}
