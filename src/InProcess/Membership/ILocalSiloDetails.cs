namespace Orleans.Runtime;

/// <summary>The silo of this host.</summary>
public interface ILocalSiloDetails
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Its cluster.</summary>
    string ClusterId { get; }

    /// <summary>Its machine.</summary>
    string DnsHostName { get; }

    /// <summary>Its address.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>Its address towards clients.</summary>
    SiloAddress GatewayAddress { get; }
}
