using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Nodes;
using SnapshotGrains.Grains.Placement;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Replicas;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Grains.Traces;
using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Hosting;

/// <summary>Makes a silo a cache node.</summary>
public static class SnapshotGrainsHosting
{
    /// <summary>
    /// Adds the grains' services and placement directors. The host still chooses clustering and the grain storage
    /// named <see cref="StorageNames.Metadata"/>.
    /// </summary>
    /// <param name="silo">The silo to build.</param>
    /// <param name="options">Its name and cache budget, announced to the cluster.</param>
    /// <param name="center">Where images come from; the silos of a process may share it.</param>
    /// <param name="manifests">The process's manifests, likewise.</param>
    /// <param name="home">Where the process's disks keep their own blocks, likewise.</param>
    /// <param name="derivation">The roads to base segments and keys, for derived replicas.</param>
    public static ISiloBuilder AddSnapshotGrains(
        this ISiloBuilder silo,
        CacheNodeOptions options,
        IImageCenter center,
        ManifestCache manifests,
        IDiskHome home,
        Func<IServiceProvider, DerivationInputs> derivation)
    {
        silo.UseSiloMetadata(new Dictionary<string, string>
        {
            [SiloMetadataKeys.NodeName] = options.Name,
            [SiloMetadataKeys.CacheBytes] = options.CacheBytes.ToString(CultureInfo.InvariantCulture),
            [SiloMetadataKeys.Home] = home.Directory.ToString(),
        });
        silo.AddPlacementDirector<SegmentPlacement, SegmentPlacementDirector>();
        silo.AddPlacementDirector<NodePlacement, NodePlacementDirector>();
        silo.AddPlacementDirector<DiskPlacement, DiskPlacementDirector>();

        var services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(center);
        services.AddSingleton<IImageSource>(center);
        services.AddSingleton(manifests);
        services.AddSingleton(home);
        services.AddSingleton(derivation);
        services.AddSingleton<Drains>();
        services.AddSingleton<CacheNodes>();
        services.AddSingleton(provider => new NodeDrain(
            provider.GetRequiredService<CacheNode>(),
            provider.GetRequiredService<ResidentGrains>(),
            provider.GetRequiredService<CacheNodes>(),
            provider.GetRequiredService<IGrainFactory>(),
            home,
            provider.GetRequiredService<ILocalSiloDetails>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<NodeDrain>>()));
        services.AddSingleton<CacheNode>();
        services.AddSingleton<ResidentGrains>();
        services.AddSingleton<KeptReplicas>();
        services.AddSingleton<ReplicaInventory>();
        services.AddSingleton<ReplicaNodes>();
        services.AddSingleton<ReplicaBuilder>();
        services.AddSingleton<SegmentPreloader>();
        services.AddSingleton<SnapshotTraces>();
        return silo;
    }
}
