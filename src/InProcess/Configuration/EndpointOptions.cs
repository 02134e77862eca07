using System.Net;

namespace Orleans.Configuration;

/// <summary>Where a silo listens; in one process the ports only tell silos apart.</summary>
public class EndpointOptions
{
    /// <summary>The address. Default: loopback.</summary>
    public IPAddress AdvertisedIPAddress { get; set; } = IPAddress.Loopback;

    /// <summary>The port towards silos. Default: 11111.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port towards clients. Default: 30000.</summary>
    public int GatewayPort { get; set; } = 30000;
}
