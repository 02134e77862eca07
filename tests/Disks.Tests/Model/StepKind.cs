namespace SnapshotGrains.Disks.Tests;

/// <summary>What a step of a sequence does.</summary>
internal enum StepKind
{
    Read,
    Write,
    Trim,
    Zero,
    Flush,
    Tick,
    Attach,
    Detach,
    Conflict,
    TakeOver,
    Clone,
    Snapshot,
    DeleteImage,
    Resize,
    Delete,
    Control,
    Hydrate,
    Progress,
    Outage,
    Restart,
    Crash,
}
