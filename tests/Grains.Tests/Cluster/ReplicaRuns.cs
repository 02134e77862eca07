using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>What tests of replicas do with a cluster.</summary>
internal static class ReplicaRuns
{
    public static IReplicaGrain GrainOf(this GrainCluster cluster, ReplicaId replica) =>
        cluster.Grains.GetGrain<IReplicaGrain>(replica.ToString());

    public static IReplicaCatalogGrain Catalog(this GrainCluster cluster) =>
        cluster.Grains.GetGrain<IReplicaCatalogGrain>(0);

    public static StripeFormat FormatOf(string text) => StripeFormat.TryParse(text, out var format)
        ? format : throw new FormatException(text);

    /// <summary>Builds a replica and waits for the end, good or bad.</summary>
    public static async Task<ReplicaInfo> BuildToEndAsync(this GrainCluster cluster, ReplicaId replica)
    {
        await cluster.GrainOf(replica).BuildAsync(CancellationToken.None);
        return await cluster.EndOfBuildAsync(replica);
    }

    /// <summary>Waits for the end of a build, good or bad.</summary>
    public static async Task<ReplicaInfo> EndOfBuildAsync(this GrainCluster cluster, ReplicaId replica)
    {
        ReplicaInfo info = null!;
        await Eventually.IsTrueAsync(
            async () => (info = await cluster.GrainOf(replica).DescribeAsync(CancellationToken.None)).State
                != ReplicaState.Building,
            $"the build of {replica} ends");
        return info;
    }

    /// <summary>What all silos have derived together.</summary>
    public static DerivationInfo Derivations(this GrainCluster cluster)
    {
        var made = cluster.Nodes.Select(node => node.Describe("").Derivation).ToArray();
        return new DerivationInfo(
            made.Sum(node => node.SegmentsDerived),
            made.Sum(node => node.SegmentsRederived),
            made.Sum(node => node.SegmentsEncrypted),
            made.Sum(node => node.SegmentsReloaded),
            made.Sum(node => node.SegmentsDamaged));
    }
}
