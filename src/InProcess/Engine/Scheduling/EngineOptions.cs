using SnapshotGrains.InProcess.Calls;

namespace SnapshotGrains.InProcess.Scheduling;

/// <summary>The engine's seams. The first silo or client of a cluster brings them.</summary>
internal sealed class EngineOptions
{
    /// <summary>Seed of every random choice; null = a new one each time.</summary>
    public int? Seed { get; set; }

    /// <summary>Where work runs.</summary>
    public IWorkQueue WorkQueue { get; set; } = new ThreadPoolWorkQueue();

    /// <summary>How calls and answers get across.</summary>
    public Delivery Delivery { get; set; } = new();
}
