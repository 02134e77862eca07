using System.Numerics;

namespace SnapshotGrains.Storage;

/// <summary>
/// Knows which slots of the data file are in use. A slot that a block has left is only <em>retired</em>: the map on
/// disk may still point to it, so it is free after the next durable commit. Thread-safe.
/// </summary>
internal sealed class SlotAllocator
{
    /// <summary>
    /// Holes are reused once they are this fraction of the file, so that looking for them stays cheap.
    /// </summary>
    private const int ReuseFraction = 16;

    private const int WordBits = 64;
    private readonly Lock _gate = new();
    private ulong[] _used = new ulong[4];
    private List<uint> _retired = [];
    private List<uint> _spare = [];
    private long _usedSlots = 1;
    private long _end = 1;
    private long _cursor = 1;

    /// <summary>Slot 0 is the file's header and never free.</summary>
    public SlotAllocator() => _used[0] = 1;

    /// <summary>Slots that are free after the next commit.</summary>
    public int RetiredSlots => Volatile.Read(ref _retired).Count;

    /// <summary>Slots below <see cref="EndSlot"/> that may be used now.</summary>
    public long FreeSlots => Volatile.Read(ref _end) - Volatile.Read(ref _usedSlots);

    /// <summary>The first slot that was never used.</summary>
    public long EndSlot => Volatile.Read(ref _end);

    /// <summary>Memory that the table takes, in bytes.</summary>
    public long MemoryBytes => (Volatile.Read(ref _used).Length * (long)sizeof(ulong))
        + (Volatile.Read(ref _retired).Capacity * (long)sizeof(uint));

    /// <summary>
    /// Takes up to <paramref name="wanted"/> adjacent slots, from holes when they are worth it or when
    /// <paramref name="mustReuse"/> because the file cannot grow; an empty run when there is none.
    /// </summary>
    public SlotRun Allocate(int wanted, bool mustReuse = false)
    {
        lock (_gate)
        {
            var free = _end - _usedSlots;
            if (free > 0 && (mustReuse || free * ReuseFraction >= _end) && NextFree() is var start && start < _end)
            {
                var count = 1;
                while (count < wanted && start + count < _end && !IsUsed(start + count))
                {
                    count++;
                }

                _cursor = start + count;
                return Take(start, count);
            }

            return mustReuse || _end + wanted > uint.MaxValue ? default : Take(_end, wanted);
        }
    }

    /// <summary>Marks a slot that the map on disk refers to. False when it is marked already.</summary>
    public bool TryMark(uint slot)
    {
        lock (_gate)
        {
            if (slot < _end && IsUsed(slot))
            {
                return false;
            }

            Take(slot, 1);
            return true;
        }
    }

    /// <summary>Gives back slots that no map has ever referred to.</summary>
    public void Free(SlotRun run)
    {
        lock (_gate)
        {
            Clear(run.Start, run.Count);
            if ((long)run.Start + run.Count == _end)
            {
                // The end of the file may not have been reached for want of space: it is no hole to be reused.
                _end = run.Start;
            }
        }
    }

    /// <summary>Notes that a block has left its slot.</summary>
    public void Retire(uint slot)
    {
        lock (_gate)
        {
            _retired.Add(slot);
        }
    }

    /// <summary>Starts a new list of retired slots and returns the old one, for one commit at a time.</summary>
    public List<uint> TakeRetired()
    {
        lock (_gate)
        {
            (_retired, _spare) = (_spare, _retired);
            return _spare;
        }
    }

    /// <summary>The commit is durable: its retired slots are free.</summary>
    public void Release(List<uint> retired)
    {
        lock (_gate)
        {
            foreach (var slot in retired)
            {
                Clear(slot, 1);
            }

            retired.Clear();
        }
    }

    /// <summary>The commit failed: its slots stay retired until the next.</summary>
    public void PutBack(List<uint> retired)
    {
        lock (_gate)
        {
            _retired.AddRange(retired);
            retired.Clear();
        }
    }

    /// <summary>
    /// The next run of at least <paramref name="minimum"/> free slots from <paramref name="from"/> on, taken.
    /// </summary>
    public SlotRun TakeHole(long from, int minimum)
    {
        lock (_gate)
        {
            for (var start = from; start < _end; start++)
            {
                if (_used[start / WordBits] == ulong.MaxValue)
                {
                    start |= WordBits - 1;
                    continue;
                }

                var count = 0;
                while (start + count < _end && count < (1 << 20) && !IsUsed(start + count))
                {
                    count++;
                }

                if (count >= minimum)
                {
                    return Take(start, count);
                }

                start += count;
            }

            return default;
        }
    }

    private long NextFree()
    {
        for (var lap = 0; lap < 2; lap++)
        {
            for (var at = _cursor; at < _end; at = (at / WordBits * WordBits) + WordBits)
            {
                var free = ~_used[at / WordBits] & (ulong.MaxValue << (int)(at % WordBits));
                if (free != 0)
                {
                    return (at / WordBits * WordBits) + BitOperations.TrailingZeroCount(free);
                }
            }

            _cursor = 1;
        }

        return _end;
    }

    private bool IsUsed(long slot) => (_used[slot / WordBits] & (1UL << (int)(slot % WordBits))) != 0;

    private SlotRun Take(long start, int count)
    {
        _end = Math.Max(_end, start + count);
        if (_end > (long)_used.Length * WordBits)
        {
            Array.Resize(ref _used, (int)Math.Max(_used.Length * 2L, (_end / WordBits) + 1));
        }

        for (var slot = start; slot < start + count; slot++)
        {
            _used[slot / WordBits] |= 1UL << (int)(slot % WordBits);
        }

        _usedSlots += count;
        return new((uint)start, count);
    }

    private void Clear(long start, int count)
    {
        for (var slot = start; slot < start + count; slot++)
        {
            _used[slot / WordBits] &= ~(1UL << (int)(slot % WordBits));
        }

        _usedSlots -= count;
    }
}
