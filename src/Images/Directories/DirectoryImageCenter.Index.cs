namespace SnapshotGrains.Images;

/// <content>The index, which is brought up to date whenever a manifest comes or goes, and on opening.</content>
public sealed partial class DirectoryImageCenter
{
    /// <summary>
    /// To be called with the commit lock held. That it fails is no reason to take an image back that is there already:
    /// the next one who changes or opens the center makes up for it.
    /// </summary>
    private void UpdateIndex()
    {
        try
        {
            CenterIndex.Update(_layout);
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            Volatile.Write(ref _sweepPending, 1);
        }
    }

    /// <summary>Whoever holds the lock brings the index up to date himself.</summary>
    private void UpdateIndexIfFree()
    {
        try
        {
            using var commit = _locks.TryCommit();
            if (commit is not null)
            {
                UpdateIndex();
            }
        }
        catch (Exception e) when (ImageErrors.IsIo(e))
        {
            // A center on a read-only disk still serves.
        }
    }
}
