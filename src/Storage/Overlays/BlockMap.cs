namespace SnapshotGrains.Storage;

/// <summary>
/// Block number → <see cref="BlockEntry"/>, as a tree that has branches only where a disk has blocks: a root entry a
/// GiB, a leaf of 256 entries a MiB. Reading takes no lock; whoever changes a leaf holds that leaf's lock.
/// A frozen copy shares the leaves; one that is changed later is copied first.
/// </summary>
internal sealed class BlockMap
{
    /// <summary>Blocks in a leaf (1 MiB of the disk).</summary>
    public const int LeafBlocks = 256;

    private const int NodeLeaves = 1024;
    private const long NodeBlocks = (long)NodeLeaves * LeafBlocks;
    private const int ArrayHeaderBytes = 24;

    /// <summary>A leaf's last word says in which generation it was made, and so which copies share it.</summary>
    private const int LeafWords = LeafBlocks + 1;
    private const int GenerationAt = LeafBlocks;
    private const int LeafBytes = (LeafWords * sizeof(ulong)) + ArrayHeaderBytes;
    private const int NodeBytes = (NodeLeaves * sizeof(ulong)) + ArrayHeaderBytes;

    /// <summary>Stands for a MiB that is zero throughout, so that zeroing a TiB costs a reference a MiB.</summary>
    private static readonly ulong[] ZeroLeaf = CreateZeroLeaf();

    private ulong[]?[]?[] _root = [];
    private long _memoryBytes;
    private long _retainedBytes;
    private ulong _generation = 1;
    private int _copies;

    public BlockMap(long blocks) => EnsureCapacity(blocks);

    /// <summary>Memory that the tree takes, in bytes.</summary>
    public long MemoryBytes => Volatile.Read(ref _memoryBytes) + (_root.Length * (long)IntPtr.Size);

    /// <summary>Memory of leaves that only frozen copies have, in bytes, until the last of these ends.</summary>
    public long RetainedBytes => Volatile.Read(ref _retainedBytes);

    /// <summary>
    /// A copy that stays as it is, in time and memory of a reference a MiB. The caller holds the locks of all leaves.
    /// </summary>
    public BlockMap Freeze()
    {
        var copy = new BlockMap(0) { _root = new ulong[]?[]?[_root.Length] };
        for (var i = 0; i < _root.Length; i++)
        {
            if (_root[i] is { } node)
            {
                copy._root[i] = [.. node];
                copy._memoryBytes += NodeBytes;
            }
        }

        _generation++;
        _copies++;
        return copy;
    }

    /// <summary>A frozen copy is not used any more. One caller at a time, not while another freezes.</summary>
    public void Thaw()
    {
        _copies--;
        if (_copies == 0)
        {
            Volatile.Write(ref _retainedBytes, 0);
        }
    }

    /// <summary>True when the leaf has not changed since <paramref name="copy"/> was frozen.</summary>
    public bool SharesLeaf(BlockMap copy, long leaf) => ReferenceEquals(LeafAt(leaf), copy.LeafAt(leaf));

    /// <summary>Makes room for a larger disk. Nobody else may change the map meanwhile.</summary>
    public void EnsureCapacity(long blocks)
    {
        var length = (int)((blocks + NodeBlocks - 1) / NodeBlocks);
        if (length > _root.Length)
        {
            var grown = new ulong[]?[]?[length];
            _root.CopyTo(grown, 0);
            Volatile.Write(ref _root, grown);
        }
    }

    public BlockEntry this[long block]
    {
        get
        {
            var leaf = LeafAt(block / LeafBlocks);
            return leaf is null ? default : new(Volatile.Read(ref leaf[(int)(block % LeafBlocks)]));
        }
    }

    /// <summary>Sets an entry and returns what was there. The caller holds the leaf's lock.</summary>
    public BlockEntry Exchange(long block, BlockEntry entry)
    {
        var leaf = WritableLeafAt(block / LeafBlocks);
        ref var place = ref leaf[(int)(block % LeafBlocks)];
        var old = place;
        Volatile.Write(ref place, entry.Raw);
        return new(old);
    }

    /// <summary>Copies entries of one leaf.</summary>
    public void CopyTo(long first, Span<BlockEntry> entries)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = this[first + i];
        }
    }

    /// <summary>How many of these blocks are the parent's.</summary>
    public long CountParent(long first, long end)
    {
        long count = 0;
        for (var block = first; block < end;)
        {
            var leaf = block / LeafBlocks;
            var next = Math.Min(end, (leaf + 1) * LeafBlocks);
            if (LeafAt(leaf) is not { } entries)
            {
                next = Math.Min(end, NextPresentLeaf(leaf, ((end - 1) / LeafBlocks) + 1) * LeafBlocks);
                count += next - block;
            }
            else if (!ReferenceEquals(entries, ZeroLeaf))
            {
                count += entries.AsSpan((int)(block % LeafBlocks), (int)(next - block)).Count(0UL);
            }

            block = next;
        }

        return count;
    }

    /// <summary>True when one of these blocks is the parent's.</summary>
    public bool HasParent(long first, long end)
    {
        for (var block = first; block < end;)
        {
            var leaf = block / LeafBlocks;
            var next = Math.Min(end, (leaf + 1) * LeafBlocks);
            var entries = LeafAt(leaf);
            if (entries is null || (!ReferenceEquals(entries, ZeroLeaf)
                && entries.AsSpan((int)(block % LeafBlocks), (int)(next - block)).Contains(0UL)))
            {
                return true;
            }

            block = next;
        }

        return false;
    }

    /// <summary>Makes a whole leaf zero. The caller holds its lock and has taken care of the slots it held.</summary>
    public void SetZeroLeaf(long leaf)
    {
        ref var place = ref NodeAt(leaf)[(int)(leaf % NodeLeaves)];
        CountRemoved(place);
        Volatile.Write(ref place, ZeroLeaf);
    }

    /// <summary>True when nothing of the leaf is present.</summary>
    public bool IsAbsentLeaf(long leaf) => LeafAt(leaf) is null;

    /// <summary>True when the leaf is zero throughout and known as such.</summary>
    public bool IsZeroLeaf(long leaf) => ReferenceEquals(LeafAt(leaf), ZeroLeaf);

    /// <summary>
    /// The first leaf from <paramref name="leaf"/> on with anything present, or <paramref name="end"/>.
    /// </summary>
    public long NextPresentLeaf(long leaf, long end)
    {
        while (leaf < end && IsAbsentLeaf(leaf))
        {
            leaf = _root[leaf / NodeLeaves] is null ? ((leaf / NodeLeaves) + 1) * NodeLeaves : leaf + 1;
        }

        return Math.Min(leaf, end);
    }

    /// <summary>
    /// The state of a block, and how many blocks from it on, at most <paramref name="limit"/>, share it.
    /// </summary>
    public OverlayBlockState FindRun(long block, long limit, out long count)
    {
        var state = this[block].State;
        var end = block + limit;
        var next = block + 1;
        while (next < end)
        {
            var (leaf, within) = Math.DivRem(next, LeafBlocks);
            if (within == 0 && state == OverlayBlockState.Parent && IsAbsentLeaf(leaf))
            {
                next = NextPresentLeaf(leaf, (end + LeafBlocks - 1) / LeafBlocks) * LeafBlocks;
            }
            else if (within == 0 && state == OverlayBlockState.Zero && IsZeroLeaf(leaf))
            {
                next += LeafBlocks;
            }
            else if (this[next].State == state)
            {
                next++;
            }
            else
            {
                break;
            }
        }

        count = Math.Min(next, end) - block;
        return state;
    }

    /// <summary>Forgets a leaf. Nobody else may use the map's end meanwhile.</summary>
    public void RemoveLeaf(long leaf)
    {
        ref var place = ref NodeAt(leaf)[(int)(leaf % NodeLeaves)];
        CountRemoved(place);
        Volatile.Write(ref place, null);
    }

    private static ulong[] CreateZeroLeaf()
    {
        var leaf = new ulong[LeafWords];
        leaf.AsSpan(0, LeafBlocks).Fill(BlockEntry.Zero.Raw);
        return leaf;
    }

    private ulong[]? LeafAt(long leaf)
    {
        var node = Volatile.Read(ref _root[leaf / NodeLeaves]);
        return node is null ? null : Volatile.Read(ref node[(int)(leaf % NodeLeaves)]);
    }

    private ulong[] WritableLeafAt(long leaf)
    {
        ref var place = ref NodeAt(leaf)[(int)(leaf % NodeLeaves)];
        if (place is null || ReferenceEquals(place, ZeroLeaf) || IsShared(place))
        {
            ulong[] fresh = place is null ? new ulong[LeafWords] : [.. place];
            fresh[GenerationAt] = _generation;
            CountRemoved(place);
            Interlocked.Add(ref _memoryBytes, LeafBytes);
            Volatile.Write(ref place, fresh);
        }

        return place;
    }

    /// <summary>Leaves under different locks may share a node, so the first to arrive makes it for all.</summary>
    private ulong[]?[] NodeAt(long leaf)
    {
        ref var place = ref _root[leaf / NodeLeaves];
        if (Volatile.Read(ref place) is { } node)
        {
            return node;
        }

        var fresh = new ulong[]?[NodeLeaves];
        var winner = Interlocked.CompareExchange(ref place, fresh, null);
        if (winner is null)
        {
            Interlocked.Add(ref _memoryBytes, NodeBytes);
        }

        return winner ?? fresh;
    }

    private bool IsShared(ulong[] leaf) => _copies > 0 && leaf[GenerationAt] != _generation;

    private void CountRemoved(ulong[]? leaf)
    {
        if (leaf is null || ReferenceEquals(leaf, ZeroLeaf))
        {
            return;
        }

        Interlocked.Add(ref _memoryBytes, -LeafBytes);
        if (IsShared(leaf))
        {
            Interlocked.Add(ref _retainedBytes, LeafBytes);
        }
    }
}
