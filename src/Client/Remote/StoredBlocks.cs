using System.Collections.Concurrent;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Which blocks of a stored disk come from its parent, are zero, or are its own; learnt region by region. It is good
/// for as long as nobody else writes: what hydration copies stays equal to the parent's. Thread-safe.
/// </summary>
/// <param name="sizeBytes">Size of the stored bytes.</param>
internal sealed class StoredBlocks(long sizeBytes)
{
    /// <summary>What is learnt at a time: 64 MiB, 4 KiB of memory.</summary>
    public const long RegionBytes = 64L << 20;

    private const int BlockBytes = OverlayStore.BlockBytes;
    private const int BlocksPerRegion = (int)(RegionBytes / BlockBytes);

    private readonly ConcurrentDictionary<long, Region> _regions = new();

    /// <summary>Size of the stored bytes.</summary>
    public long SizeBytes => sizeBytes;

    /// <summary>Whether the region of a byte is known.</summary>
    public bool Knows(long offset) => _regions.ContainsKey(offset / RegionBytes);

    /// <summary>Finds the run of blocks that are alike from <paramref name="offset"/> on.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="maxLength">Most bytes wanted.</param>
    /// <param name="length">Bytes that are alike, at least 1.</param>
    /// <returns>What they are; null where it is not known.</returns>
    public OverlayBlockState? Lookup(long offset, int maxLength, out int length)
    {
        length = 0;
        if (!_regions.TryGetValue(offset / RegionBytes, out var region))
        {
            return null;
        }

        var start = offset % RegionBytes;
        var end = Math.Min(Math.Min(start + maxLength, RegionBytes), sizeBytes - offset + start);
        var state = region.StateOf((int)(start / BlockBytes));
        var block = (start / BlockBytes) + 1;
        while (block * BlockBytes < end && region.StateOf((int)block) == state)
        {
            block++;
        }

        length = (int)(Math.Min(end, block * BlockBytes) - start);
        return state;
    }

    /// <summary>Notes what a region was found to be, unless it is known already.</summary>
    /// <param name="offset">Its first byte.</param>
    /// <param name="extents">What it consists of, in order, whole.</param>
    public void Learn(long offset, IEnumerable<(long Length, OverlayBlockState State)> extents)
    {
        var region = new Region();
        long at = 0;
        foreach (var (length, state) in extents)
        {
            region.Set((int)(at / BlockBytes), (int)((at + length + BlockBytes - 1) / BlockBytes), state);
            at += length;
        }

        _regions.TryAdd(offset / RegionBytes, region);
    }

    /// <summary>These bytes are the disk's own from now on; their regions are known.</summary>
    public void Own(long offset, long length)
    {
        for (var end = offset + length; offset < end;)
        {
            var regionEnd = Math.Min(end, (offset / RegionBytes * RegionBytes) + RegionBytes);
            if (_regions.TryGetValue(offset / RegionBytes, out var region))
            {
                var first = offset % RegionBytes / BlockBytes;
                var last = (regionEnd - 1) % RegionBytes / BlockBytes;
                region.Set((int)first, (int)last + 1, OverlayBlockState.Data);
            }

            offset = regionEnd;
        }
    }

    private sealed class Region
    {
        // Two bits a block: whether it is inherited, whether it is zero. Neither: its own.
        private readonly ulong[] _inherited = new ulong[BlocksPerRegion / 64];
        private readonly ulong[] _zero = new ulong[BlocksPerRegion / 64];

        public OverlayBlockState StateOf(int block)
        {
            var bit = 1UL << (block & 63);
            return (Volatile.Read(ref _inherited[block >> 6]) & bit) != 0 ? OverlayBlockState.Parent
                : (Volatile.Read(ref _zero[block >> 6]) & bit) != 0 ? OverlayBlockState.Zero
                : OverlayBlockState.Data;
        }

        public void Set(int from, int to, OverlayBlockState state)
        {
            for (var block = from; block < to; block++)
            {
                Set(ref _inherited[block >> 6], 1UL << (block & 63), state == OverlayBlockState.Parent);
                Set(ref _zero[block >> 6], 1UL << (block & 63), state == OverlayBlockState.Zero);
            }
        }

        private static void Set(ref ulong word, ulong bit, bool value)
        {
            if (((Volatile.Read(ref word) & bit) != 0) == value)
            {
                return;
            }

            if (value)
            {
                Interlocked.Or(ref word, bit);
            }
            else
            {
                Interlocked.And(ref word, ~bit);
            }
        }
    }
}
