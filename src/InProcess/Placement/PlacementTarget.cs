namespace Orleans.Runtime.Placement;

/// <summary>What is being placed, and the call that caused it.</summary>
public readonly struct PlacementTarget(
    GrainId grainIdentity,
    Dictionary<string, object> requestContextData,
    GrainInterfaceType interfaceType,
    ushort interfaceVersion)
{
    /// <summary>The grain.</summary>
    public GrainId GrainIdentity { get; } = grainIdentity;

    /// <summary>The call's <see cref="RequestContext"/>; null when empty.</summary>
    public Dictionary<string, object> RequestContextData { get; } = requestContextData;

    /// <summary>The called interface.</summary>
    public GrainInterfaceType InterfaceType { get; } = interfaceType;

    /// <summary>The called interface's version.</summary>
    public ushort InterfaceVersion { get; } = interfaceVersion;
}
