namespace SnapshotGrains.Storage;

/// <summary>
/// Which segments are in a disk cache, where, and what makes room. New ones go where the hand of a clock stands, which
/// passes over those that were used since it came by (CLOCK, with up to three chances). Guarded by the cache's lock.
/// </summary>
internal sealed class DiskCacheTable(int units)
{
    /// <summary>So many are passed over at most for one newcomer: the lock is held meanwhile.</summary>
    private const int MaxChances = 128;

    private readonly Dictionary<Digest, DiskCacheSlot> _index = [];
    private readonly DiskCacheSlot?[] _slots = new DiskCacheSlot?[units];
    private int _hand;

    public int Count => _index.Count;

    public long UsedUnits { get; private set; }

    public long Evictions { get; private set; }

    public DiskCacheSlot? Find(in Digest digest) => _index.GetValueOrDefault(digest);

    /// <summary>Whether it has not made room for another.</summary>
    public bool Holds(DiskCacheSlot slot) => _slots[slot.Unit] == slot;

    public void Add(DiskCacheSlot slot)
    {
        _index.Add(slot.Digest, slot);
        _slots[slot.Unit] = slot;
        UsedUnits += slot.Units;
    }

    public void Remove(DiskCacheSlot slot)
    {
        _index.Remove(slot.Digest);
        _slots[slot.Unit] = null;
        UsedUnits -= slot.Units;
    }

    /// <summary>The last one that was written before a restart: the hand goes on behind it.</summary>
    public void GoOnBehind(DiskCacheSlot slot) => _hand = slot.End;

    /// <summary>Makes room for a segment.</summary>
    /// <returns>The first of its units; null when what is there is being read.</returns>
    public int? MakeRoom(int needed)
    {
        var chances = MaxChances;
        for (int start = _hand, turns = 0; turns < 2;)
        {
            if (start + needed > units)
            {
                start = 0;
                turns++;
            }
            else if (FirstKept(start, start + needed, ref chances) is { } kept)
            {
                start = kept.End;
            }
            else
            {
                Evict(start, start + needed);
                _hand = start + needed;
                return start;
            }
        }

        return null;
    }

    /// <summary>
    /// The hand stands at the front of a segment or behind one, never inside: so none that reaches into the range
    /// begins before it.
    /// </summary>
    private DiskCacheSlot? FirstKept(int start, int end, ref int chances)
    {
        for (var unit = start; unit < end; unit++)
        {
            if (_slots[unit] is { } slot && (slot.IsPinned || (chances > 0 && slot.TakeChance())))
            {
                chances--;
                return slot;
            }
        }

        return null;
    }

    private void Evict(int start, int end)
    {
        for (var unit = start; unit < end; unit++)
        {
            if (_slots[unit] is { } slot)
            {
                Remove(slot);
                Evictions++;
            }
        }
    }
}
