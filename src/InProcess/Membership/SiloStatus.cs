namespace Orleans.Runtime;

/// <summary>A silo's state in the cluster.</summary>
[GenerateSerializer]
public enum SiloStatus
{
    /// <summary>Unknown.</summary>
    None = 0,

    /// <summary>Built, not started.</summary>
    Created = 1,

    /// <summary>Starting.</summary>
    Joining = 2,

    /// <summary>Takes calls and activations.</summary>
    Active = 3,

    /// <summary>Draining: no new activations.</summary>
    ShuttingDown = 4,

    /// <summary>Stopping at once.</summary>
    Stopping = 5,

    /// <summary>Gone for good.</summary>
    Dead = 6,
}
