namespace SnapshotGrains.Nbd;

/// <summary>
/// Collects the answer to one NBD_CMD_BLOCK_STATUS, in order from <see cref="Offset"/>. Equal neighbours are merged.
/// The object is reused: an export must not keep it after its call ended.
/// </summary>
public sealed class NbdExtents
{
    private NbdExtent[] _items = new NbdExtent[16];
    private int _limit;

    /// <summary>First byte asked for.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes asked for.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes described so far.</summary>
    public long Covered { get; private set; }

    /// <summary>Extents so far.</summary>
    public int Count { get; private set; }

    /// <summary>True when more extents would not be sent; an export may stop early, the client asks again.</summary>
    public bool IsFull => Covered >= Length || Count == _limit;

    internal ReadOnlySpan<NbdExtent> Items => _items.AsSpan(0, Count);

    /// <summary>Describes the next <paramref name="length"/> bytes; what lies past the request is cut off.</summary>
    /// <param name="length">Bytes, more than zero.</param>
    /// <param name="flags">Their state; <see cref="NbdExtentFlags.Zero"/> only where they surely read as zero.</param>
    /// <returns>False when the answer is full.</returns>
    public bool Add(long length, NbdExtentFlags flags)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (Covered >= Length)
        {
            return false;
        }

        var taken = (uint)Math.Min(length, Length - Covered);
        if (Count > 0 && _items[Count - 1].Flags == flags)
        {
            _items[Count - 1] = new NbdExtent(_items[Count - 1].Length + taken, flags);
        }
        else if (Count == _limit)
        {
            return false;
        }
        else
        {
            Append(new NbdExtent(taken, flags));
        }

        Covered += taken;
        return !IsFull;
    }

    /// <summary>Starts a new answer. Requests are 32 bits long, so a merged extent cannot overflow.</summary>
    internal void Reset(long offset, uint length, int limit)
    {
        Offset = offset;
        Length = length;
        Covered = 0;
        Count = 0;
        _limit = limit;
    }

    private void Append(NbdExtent extent)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        _items[Count++] = extent;
    }
}
