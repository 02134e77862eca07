namespace Orleans.Runtime;

/// <summary>Gives services the activation that the calling code runs in.</summary>
public interface IGrainContextAccessor
{
    /// <summary>The current activation.</summary>
    IGrainContext GrainContext { get; }
}
