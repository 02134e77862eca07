using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SnapshotGrains.Storage;

/// <summary>A count of blocks for each <see cref="OverlaySource"/>.</summary>
[InlineArray(Sources)]
internal struct SourceCounts
{
    /// <summary>How many sources there are.</summary>
    public const int Sources = 6;

    /// <summary>Bytes of all counts on disk.</summary>
    public const int LengthBytes = Sources * sizeof(long);

    private long _first;

    public readonly OverlayProgress Progress => new(this[0], this[1], this[2], this[3], this[4], this[5]);

    public static SourceCounts Read(ReadOnlySpan<byte> bytes)
    {
        SourceCounts counts = default;
        for (var i = 0; i < Sources; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
        }

        return counts;
    }

    public readonly void Write(Span<byte> bytes)
    {
        for (var i = 0; i < Sources; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes[(i * sizeof(long))..], this[i]);
        }
    }

    public void Add(in SourceCounts other)
    {
        for (var i = 0; i < Sources; i++)
        {
            this[i] += other[i];
        }
    }

    /// <summary>
    /// Takes away blocks whose sources nobody knows, of those first that count for nothing that was fetched or written.
    /// </summary>
    public void Remove(long blocks)
    {
        ReadOnlySpan<OverlaySource> order =
        [
            OverlaySource.Trimmed, OverlaySource.Zero, OverlaySource.Hydrated, OverlaySource.Prefetched,
            OverlaySource.GuestRead, OverlaySource.Overwritten,
        ];
        foreach (var source in order)
        {
            var part = Math.Min(blocks, this[(int)source]);
            this[(int)source] -= part;
            blocks -= part;
        }
    }
}
