namespace SnapshotGrains.Grains.Disks;

/// <summary>
/// A disk's new size, which its files have and its record does not have yet. Nobody is let in until it is disposed.
/// </summary>
public interface IDiskResize : IAsyncDisposable
{
    /// <summary>
    /// It is recorded. Without this the disk is closed, and has the size that is recorded when it is opened again.
    /// </summary>
    void Keep();
}
