using Orleans;

namespace SnapshotGrains.Grains.Disks;

/// <summary>What a disk's grain stores: nothing until the disk is first used.</summary>
[GenerateSerializer, Alias("snapgrains.DiskRecord")]
public sealed class DiskRecord
{
    /// <summary>Which disk of this name the record is about.</summary>
    [Id(0)]
    public Guid DiskId { get; set; }

    /// <summary>The last epoch that was given out.</summary>
    [Id(1)]
    public long Epoch { get; set; }

    /// <summary>Who was let in for writing last, if he may come back; else null.</summary>
    [Id(2)]
    public string? Writer { get; set; }

    /// <summary>The epoch under which he was: who was let in under an earlier one comes too late.</summary>
    [Id(3)]
    public long WriterEpoch { get; set; }
}
