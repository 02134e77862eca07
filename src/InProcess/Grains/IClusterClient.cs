namespace Orleans;

/// <summary>A client's or a silo's way into the cluster.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The host's services.</summary>
    IServiceProvider ServiceProvider { get; }
}
