namespace Orleans.Core;

/// <summary>A grain's handle on one of its persistent states.</summary>
public interface IStorage
{
    /// <summary>The version that was read or written last.</summary>
    string? Etag { get; }

    /// <summary>Whether the store has a record.</summary>
    bool RecordExists { get; }

    /// <summary>Reads the state again.</summary>
    Task ReadStateAsync();

    /// <summary>Writes the state.</summary>
    Task WriteStateAsync();

    /// <summary>Removes the stored state and resets it in memory.</summary>
    Task ClearStateAsync();
}
