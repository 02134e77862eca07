using Orleans.Configuration;
using Orleans.Hosting;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// What the tests set on Orleans only: a death is noticed in a second or two, not in thirty; a silo of few grains does
/// not make room for the addresses of a million.
/// </summary>
internal static class EngineSettings
{
    public static void Configure(ISiloBuilder silo)
    {
        silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = 1000);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromMilliseconds(500);
            options.NumMissedProbesLimit = 2;
            options.NumVotesForDeathDeclaration = 1;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
        });
    }
}
