using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Batches;

/// <summary>What a dry run prints.</summary>
internal static class PlanFacts
{
    /// <summary>A line per figure.</summary>
    public static IReadOnlyList<Fact> Of(BatchClonePlan plan) =>
    [
        new("Disks to create", Shares.Count(plan.Disks)),
        new("Already there", Shares.Count(plan.AlreadyThere)),
        new("Names taken", Shares.Count(plan.Conflicts)
            + (plan.Conflicts > 0 ? $" ({string.Join(", ", plan.ConflictingDisks)})" : "")),
        new("Size of each", ByteSize.Approximate(plan.ImageBytes)),
        new("Data of each", ByteSize.Approximate(plan.DataBytes)),
        new("Stored at once", $"{ByteSize.Approximate(plan.StateBytes)} of metadata"),
        new("Stored when hydrated", ByteSize.Approximate(plan.OverlayBytesIfHydrated)),
        new("Read for that", $"{ByteSize.Approximate(plan.OriginBytes)} from the image center"),
        new("Memory when hydrated", $"{ByteSize.Approximate(plan.MemoryBytes)}, caches not counted"),
        new("Time to create", DurationText.Format(TimeSpan.FromSeconds(plan.EstimatedSeconds))),
    ];
}
