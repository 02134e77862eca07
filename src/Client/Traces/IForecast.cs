namespace SnapshotGrains.Client;

/// <summary>
/// Which segments of its snapshot a guest is expected to touch next, and how many of them are worth loading before he
/// does, by how often the forecast came true so far. Not thread-safe.
/// </summary>
internal interface IForecast
{
    /// <summary>Whether there will never be anything to load again.</summary>
    bool IsOver { get; }

    /// <summary>Whether a segment may be loaded now.</summary>
    bool HasNext();

    /// <summary>Takes the next segment to load; null while none may be.</summary>
    long? TakeNext();

    /// <summary>The guest touched a segment.</summary>
    /// <returns>Whether it was taken before, and this is the first time that he touched it.</returns>
    bool Touch(long segment);
}
