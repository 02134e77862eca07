using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace SnapshotGrains.Engine.Tests.Cluster;

public sealed partial class TestCluster
{
    // Membership that notices a dead silo within a second or two.
    private static void ConfigureEngine(ISiloBuilder silo) => silo.Configure<ClusterMembershipOptions>(options =>
    {
        options.ProbeTimeout = TimeSpan.FromMilliseconds(500);
        options.NumMissedProbesLimit = 2;
        options.NumVotesForDeathDeclaration = 1;
        options.NumProbedSilos = 3;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(1);
        options.LocalHealthDegradationMonitoringPeriod = TimeSpan.FromSeconds(10);
    });

    private static bool Knows(TestSilo silo, int silos) =>
        silo.Host.Services.GetRequiredService<ISiloStatusOracle>().GetActiveSilos().Length == silos;
}
