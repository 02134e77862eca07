using Orleans.Hosting;
using SnapshotGrains.InProcess.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds a silo to a host.</summary>
public static class OrleansSiloGenericHostExtensions
{
    /// <summary>Makes the host a silo.</summary>
    public static IHostApplicationBuilder UseOrleans(
        this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        configureDelegate(new Builder(EngineServices.AddSilo(hostAppBuilder.Services), hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>Makes the host a silo.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) =>
        hostBuilder.ConfigureServices((context, services) =>
            configureDelegate(new Builder(EngineServices.AddSilo(services), context.Configuration)));
}
