using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using SnapshotGrains.InProcess.Activations;
using SnapshotGrains.InProcess.Calls;
using SnapshotGrains.InProcess.Cluster;
using SnapshotGrains.InProcess.Lifecycle;
using SnapshotGrains.InProcess.Placement;

namespace SnapshotGrains.InProcess.Hosting;

/// <summary>The engine's services in a host.</summary>
internal static class EngineServices
{
    public static IServiceCollection AddSilo(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(Silo)))
        {
            return services;
        }

        AddCommon(services);
        services.AddSingleton<Silo>();
        services.AddSingleton<Sender>(sp => sp.GetRequiredService<Silo>());
        services.AddSingleton<ILocalSiloDetails>(sp => sp.GetRequiredService<Silo>());
        services.AddSingleton<SiloStages>();
        services.AddSingleton<ISiloLifecycle>(sp => sp.GetRequiredService<SiloStages>());
        services.AddSingleton<ISiloMetadataCache, SiloMetadataCache>();
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddScoped<ActivationScope>();
        services.AddScoped<IGrainContext>(sp => sp.GetRequiredService<ActivationScope>().Activation
            ?? throw new InvalidOperationException("There is no activation in this scope."));
        services.AddKeyedSingleton<IPlacementDirector, RandomDirector>(typeof(RandomPlacement));
        services.AddKeyedSingleton<IPlacementDirector, PreferLocalDirector>(typeof(PreferLocalPlacement));
        services.AddKeyedSingleton<IPlacementDirector, HashBasedDirector>(typeof(HashBasedPlacement));
        services.AddHostedService<SiloHost>();
        return services;
    }

    public static IServiceCollection AddClient(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ClusterClient)))
        {
            return services;
        }

        AddCommon(services);
        services.AddSingleton<ClusterClient>();
        services.AddSingleton<Sender>(sp => sp.GetRequiredService<ClusterClient>());
        services.AddHostedService<ClientHost>();
        return services;
    }

    private static void AddCommon(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(IClusterClient)))
        {
            throw new InvalidOperationException("A host is either a silo or a client; a silo is a client already.");
        }

        services.AddLogging();
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IClusterClient>(sp => sp.GetRequiredService<Sender>().GrainFactory);
        services.AddSingleton<IGrainFactory>(sp => sp.GetRequiredService<Sender>().GrainFactory);
    }
}
