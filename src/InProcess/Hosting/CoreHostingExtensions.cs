using System.Net;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Set-up of a silo's place in a cluster.</summary>
public static class CoreHostingExtensions
{
    /// <summary>Joins the cluster of this process with these names; the ports tell its silos apart.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = 11111,
        int gatewayPort = 30000,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });
        return builder.Configure<ClusterOptions>(options =>
        {
            options.ServiceId = serviceId;
            options.ClusterId = clusterId;
        });
    }
}
