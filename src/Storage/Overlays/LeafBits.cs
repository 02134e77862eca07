using System.Runtime.CompilerServices;

namespace SnapshotGrains.Storage;

/// <summary>A bit for each block of a leaf.</summary>
[InlineArray(BlockMap.LeafBlocks / 64)]
internal struct LeafBits
{
    private ulong _word;

    /// <summary>Every bit set.</summary>
    public static LeafBits All
    {
        get
        {
            LeafBits bits = default;
            ((Span<ulong>)bits).Fill(ulong.MaxValue);
            return bits;
        }
    }

    /// <summary>True when every bit is set.</summary>
    public readonly bool IsAll => !((ReadOnlySpan<ulong>)this).ContainsAnyExcept(ulong.MaxValue);

    /// <summary>True when no bit is set.</summary>
    public readonly bool IsNone => !((ReadOnlySpan<ulong>)this).ContainsAnyExcept(0UL);

    public void Set(int index) => this[index / 64] |= 1UL << (index % 64);

    public readonly bool IsSet(int index) => (this[index / 64] & (1UL << (index % 64))) != 0;

    public void Add(in LeafBits other)
    {
        for (var i = 0; i < BlockMap.LeafBlocks / 64; i++)
        {
            this[i] |= other[i];
        }
    }
}
