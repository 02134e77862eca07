using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace Orleans.Runtime.MembershipService.SiloMetadata;

/// <summary>Registration of silo metadata.</summary>
public static class SiloMetadataHostingExtensions
{
    /// <summary>Tells the cluster these names and values.</summary>
    public static ISiloBuilder UseSiloMetadata(this ISiloBuilder builder, Dictionary<string, string> metadata)
    {
        builder.Services.Configure<SiloMetadata>(silo => silo.Add(metadata));
        return builder;
    }
}
