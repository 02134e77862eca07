namespace Orleans.Runtime.MembershipService.SiloMetadata;

/// <summary>The metadata of the cluster's silos.</summary>
public interface ISiloMetadataCache
{
    /// <summary>A silo's metadata; empty if it is not known.</summary>
    SiloMetadata GetSiloMetadata(SiloAddress siloAddress);
}
