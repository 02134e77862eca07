using Orleans;

namespace SnapshotGrains.Grains.Batches;

/// <summary>What a batch clone was asked for; written once, before anything happens.</summary>
[GenerateSerializer, Alias("snapgrains.BatchRecord")]
public sealed class BatchRecord
{
    /// <summary>Which disks; null: no such operation.</summary>
    [Id(0)]
    public BatchCloneSpec? Spec { get; set; }

    /// <summary>When it was recorded.</summary>
    [Id(1)]
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>The replica that was chosen when it began: all its disks are of one.</summary>
    [Id(2)]
    public ChosenLayout? Layout { get; set; }
}
