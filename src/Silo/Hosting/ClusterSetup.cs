using SnapshotGrains.Silo.Hosting;

namespace SnapshotGrains.Silo;

/// <summary>Finds who prepares the database of a cluster.</summary>
public static class ClusterSetup
{
    /// <summary>For a membership that is shared.</summary>
    /// <exception cref="SiloConfigurationException">It is not, or this build's engine cannot share it.</exception>
    public static IClusterSetup Of(Membership membership) => GrainEngine.SetupOf(membership)
        ?? throw new SiloConfigurationException(
        [
            $"There is nothing to prepare for membership {membership}: "
            + (GrainEngine.WhyNotShared ?? "only a database that several processes share needs it") + ".",
        ]);
}
