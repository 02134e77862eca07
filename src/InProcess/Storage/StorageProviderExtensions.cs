using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Providers;
using Orleans.Storage;

namespace Orleans.Runtime.Hosting;

/// <summary>Registration of stores.</summary>
public static class StorageProviderExtensions
{
    /// <summary>Adds a store by name; one that takes part in the silo's lifecycle is subscribed to it.</summary>
    public static IServiceCollection AddGrainStorage<T>(
        this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory)
        where T : IGrainStorage
    {
        collection.AddKeyedSingleton<IGrainStorage>(name, (sp, key) => implementationFactory(sp, (string)key!));
        if (name == ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
        {
            collection.TryAddSingleton(sp => sp.GetRequiredKeyedService<IGrainStorage>(name));
        }

        if (typeof(ILifecycleParticipant<ISiloLifecycle>).IsAssignableFrom(typeof(T)))
        {
            collection.AddSingleton(sp =>
                (ILifecycleParticipant<ISiloLifecycle>)sp.GetRequiredKeyedService<IGrainStorage>(name));
        }

        return collection;
    }
}
