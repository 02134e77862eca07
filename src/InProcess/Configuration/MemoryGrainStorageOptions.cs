namespace Orleans.Configuration;

/// <summary>Options of the store in memory.</summary>
public class MemoryGrainStorageOptions
{
    /// <summary>How many grains hold the data on Orleans; without effect in one process. Default 10.</summary>
    public int NumStorageGrains { get; set; } = 10;
}
