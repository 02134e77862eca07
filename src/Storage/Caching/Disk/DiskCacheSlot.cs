namespace SnapshotGrains.Storage;

/// <summary>A segment in a disk cache: where it is, and what speaks for keeping it. Guarded by the cache's lock.
/// </summary>
internal sealed class DiskCacheSlot(Digest digest, int lengthBytes, int unit, int units)
{
    private const byte MaxUses = 3;

    private int _readers;
    private byte _uses;

    public Digest Digest => digest;

    public int LengthBytes => lengthBytes;

    /// <summary>The first of its units.</summary>
    public int Unit => unit;

    public int Units => units;

    /// <summary>The unit behind its last.</summary>
    public int End => unit + units;

    /// <summary>It is being read, so its units must not be written.</summary>
    public bool IsPinned => Volatile.Read(ref _readers) > 0;

    /// <summary>The segment's last residency in memory that is known.</summary>
    public SegmentBuffer? Resident { get; set; }

    /// <summary>
    /// It is in memory and has been used there more than once. Nobody reads it here then, but it will be wanted once
    /// memory is lost.
    /// </summary>
    private bool IsProven => Resident is { IsResident: true, Frequency: > 0 };

    /// <summary>A read begins. Under the lock: it must not have been evicted.</summary>
    public void Pin() => Interlocked.Increment(ref _readers);

    /// <summary>A read has ended.</summary>
    public void Unpin() => Interlocked.Decrement(ref _readers);

    public void Use() => _uses = Math.Min(MaxUses, (byte)(_uses + 1));

    /// <summary>Whether it may stay for another turn of the hand; uses up what spoke for that.</summary>
    public bool TakeChance()
    {
        if (_uses == 0)
        {
            return IsProven;
        }

        _uses--;
        return true;
    }
}
