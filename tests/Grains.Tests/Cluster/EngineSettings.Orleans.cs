using Orleans.Configuration;
using Orleans.Hosting;

namespace SnapshotGrains.Grains.Tests;

/// <summary>What the tests set on Orleans only: a death is noticed in a second or two, not in thirty.</summary>
internal static class EngineSettings
{
    public static void Configure(ISiloBuilder silo) => silo.Configure<ClusterMembershipOptions>(options =>
    {
        options.ProbeTimeout = TimeSpan.FromMilliseconds(500);
        options.NumMissedProbesLimit = 2;
        options.NumVotesForDeathDeclaration = 1;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
    });
}
