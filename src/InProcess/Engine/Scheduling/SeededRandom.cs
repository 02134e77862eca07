namespace SnapshotGrains.InProcess.Scheduling;

/// <summary>The engine's one source of randomness, safe for use by many threads.</summary>
internal sealed class SeededRandom(int? seed)
{
    private readonly Lock _lock = new();
    private readonly Random _random = seed is { } value ? new Random(value) : new Random();

    public int Next(int bound)
    {
        lock (_lock)
        {
            return _random.Next(bound);
        }
    }
}
