using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Set-up of a client.</summary>
public static class ClientBuilderExtensions
{
    /// <summary>Sets options.</summary>
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    /// <summary>Adds services.</summary>
    public static IClientBuilder ConfigureServices(
        this IClientBuilder builder, Action<IServiceCollection> configureDelegate)
    {
        configureDelegate(builder.Services);
        return builder;
    }

    /// <summary>Connects to the cluster of this process with these names; ports do not matter.</summary>
    public static IClientBuilder UseLocalhostClustering(
        this IClientBuilder builder, int gatewayPort = 30000, string serviceId = "dev", string clusterId = "dev") =>
        builder.UseLocalhostClustering([gatewayPort], serviceId, clusterId);

    /// <summary>Connects to the cluster of this process with these names; ports do not matter.</summary>
    public static IClientBuilder UseLocalhostClustering(
        this IClientBuilder builder, int[] gatewayPorts, string serviceId = "dev", string clusterId = "dev") =>
        builder.Configure<ClusterOptions>(options =>
        {
            options.ServiceId = serviceId;
            options.ClusterId = clusterId;
        });
}
