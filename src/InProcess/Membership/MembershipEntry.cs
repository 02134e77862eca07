using Orleans.Runtime;

namespace Orleans;

/// <summary>A silo as the cluster knows it.</summary>
[GenerateSerializer]
public sealed class MembershipEntry
{
    /// <summary>The silo.</summary>
    [Id(0)]
    public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

    /// <summary>Its state.</summary>
    [Id(1)]
    public SiloStatus Status { get; set; }

    /// <summary>Its port towards clients.</summary>
    [Id(3)]
    public int ProxyPort { get; set; }

    /// <summary>Its machine.</summary>
    [Id(4)]
    public string HostName { get; set; } = string.Empty;

    /// <summary>Its name.</summary>
    [Id(5)]
    public string SiloName { get; set; } = string.Empty;

    /// <summary>When it started, UTC.</summary>
    [Id(9)]
    public DateTime StartTime { get; set; }
}
