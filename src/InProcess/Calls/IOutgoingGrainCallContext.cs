using Orleans.Runtime;

namespace Orleans;

/// <summary>A call as the caller sees it.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The calling activation; null outside of grains.</summary>
    IGrainContext? SourceContext { get; }
}
