using Orleans.Hosting;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>What is particular to the in-process engine; see also <c>GrainEngine.Orleans.cs</c>.</summary>
internal static class GrainEngine
{
    /// <summary>The engine's name, as status, logs and the README give it.</summary>
    public const string Name = "InProcess";

    /// <summary>Why silos of several processes cannot form a cluster with this engine.</summary>
    public static string? WhyNotShared => "this build's grain engine runs within one process; for a cluster of several "
        + "build with -p:GrainEngine=Orleans, or start with GrainEngine=Orleans ./snapgrains silo";

    /// <summary>Who prepares the database of a cluster: there is none.</summary>
    public static IClusterSetup? SetupOf(Membership membership) => null;

    /// <summary>The silos of this process alone.</summary>
    public static Task<IClusterProvider> OpenClusterAsync(
        SiloSettings settings, ILoggerFactory logging, CancellationToken cancellationToken) =>
        Task.FromResult<IClusterProvider>(LocalCluster.Open(settings));

    /// <summary>Settings of a silo that only this engine has: none.</summary>
    public static void Configure(ISiloBuilder silo, SiloSettings settings)
    {
    }

    /// <summary>Settings of a client that only this engine has: none.</summary>
    public static void Configure(IClientBuilder client, SiloSettings settings)
    {
    }

    /// <summary>Pages that the engine brings: none.</summary>
    public static void MapPages(WebApplication app, SiloSettings settings)
    {
    }
}
