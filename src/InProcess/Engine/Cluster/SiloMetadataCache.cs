using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace SnapshotGrains.InProcess.Cluster;

/// <inheritdoc />
internal sealed class SiloMetadataCache(Silo silo) : ISiloMetadataCache
{
    public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) => silo.Cluster.Metadata(siloAddress);
}
