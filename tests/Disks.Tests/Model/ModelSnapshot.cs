namespace SnapshotGrains.Disks.Tests;

/// <summary>A snapshot that a run has made.</summary>
internal sealed class ModelSnapshot(byte[] content)
{
    public byte[] Content => content;

    /// <summary>Its deletion waits for its disks; it may be gone already.</summary>
    public bool IsDeleting { get; set; }
}
