namespace SnapshotGrains.Nbd;

/// <summary>The right to read memory that an export lends to a reply.</summary>
public interface INbdLease
{
    /// <summary>
    /// Called exactly once for each time the lease was given to <see cref="NbdRead"/>: when the bytes were handed to
    /// the kernel or the reply was dropped. May be called on any thread; must neither block nor throw.
    /// </summary>
    void Release();
}
