namespace Orleans;

/// <summary>State as a store reads and writes it.</summary>
public interface IGrainState<T>
{
    /// <summary>The state.</summary>
    T? State { get; set; }

    /// <summary>The version that was read or written last; null before.</summary>
    string? ETag { get; set; }

    /// <summary>Whether the store has a record.</summary>
    bool RecordExists { get; set; }
}
