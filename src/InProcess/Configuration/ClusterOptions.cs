namespace Orleans.Configuration;

/// <summary>Which cluster a silo or client belongs to.</summary>
public class ClusterOptions
{
    /// <summary>The cluster. Default: "default".</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>The service; its stored state outlives clusters. Default: "default".</summary>
    public string ServiceId { get; set; } = "default";
}
