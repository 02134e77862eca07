using Microsoft.Extensions.Hosting;

namespace SnapshotGrains.Engine.Tests.Cluster;

public sealed partial class TestCluster
{
    // One process knows at once which of its silos are alive.
    private static void ConfigureEngine(ISiloBuilder silo) => silo.ConfigureServices(static _ => { });

    private static bool Knows(TestSilo silo, int silos) => true;
}
