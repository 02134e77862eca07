namespace SnapshotGrains.Silo.Hosting;

/// <summary>Where this process is reached: known once its servers listen, after its silos have started.</summary>
internal sealed class ProcessAddress
{
    private NodeEndpoints? _endpoints;

    /// <summary>Null while the process starts.</summary>
    public NodeEndpoints? Endpoints
    {
        get => Volatile.Read(ref _endpoints);
        set => Volatile.Write(ref _endpoints, value);
    }
}
