using Orleans.Hosting;

namespace SnapshotGrains.Grains.Tests;

/// <summary>What the tests set on the in-process engine only: nothing.</summary>
internal static class EngineSettings
{
    public static void Configure(ISiloBuilder silo)
    {
    }
}
