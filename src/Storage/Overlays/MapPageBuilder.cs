using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>Packs block states into map pages, neighbours into one item, each page followed by its mirror.</summary>
internal sealed class MapPageBuilder
{
    /// <summary>Bytes of an item before its entries.</summary>
    public const int ItemHeaderBytes = 12;

    private const int EntryBytes = 8;
    private const int KindShift = 56;
    private const int KeptBytes = 1 << 20;
    private byte[] _buffer = new byte[OverlayLayout.PagePairBytes];
    private MapPage _first;
    private int _pages;
    private int _itemBytes;
    private int _openItem = -1;
    private MapItemKind _openKind;
    private long _openNext;
    private uint _openCount;

    /// <summary>Pages that were begun.</summary>
    public int Pages => _pages;

    /// <summary>Bytes of the pages that were begun.</summary>
    public int LengthBytes => _pages * OverlayLayout.PagePairBytes;

    /// <summary>Forgets what it holds and begins with the page <paramref name="first"/>.</summary>
    public void Begin(MapPage first)
    {
        if (_buffer.Length > KeptBytes)
        {
            _buffer = new byte[OverlayLayout.PagePairBytes];
        }

        _first = first;
        _pages = 0;
        _itemBytes = 0;
        _openItem = -1;
    }

    /// <summary>Adds one block's state; blocks that the parent supplies have none.</summary>
    public void Add(long block, BlockEntry entry)
    {
        if (entry.IsZero)
        {
            AddZeros(block, 1);
        }
        else if (entry.IsData)
        {
            Extend(MapItemKind.Data, block, 1, EntryBytes);
            var place = Current(EntryBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(place, entry.Slot);
            BinaryPrimitives.WriteUInt32LittleEndian(place[4..], entry.Checksum);
            _itemBytes += EntryBytes;
        }
    }

    /// <summary>Adds a run of zero blocks.</summary>
    public void AddZeros(long block, uint count) => Extend(MapItemKind.Zero, block, count, 0);

    /// <summary>Says who owns the overlay from here on.</summary>
    public void AddEpoch(long epoch)
    {
        Extend(MapItemKind.Epoch, 0, 0, sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(Current(sizeof(long)), epoch);
        _itemBytes += sizeof(long);
        _openItem = -1;
    }

    /// <summary>Says that the owner is done.</summary>
    public void AddClosed()
    {
        Extend(MapItemKind.Closed, 0, 0, 0);
        _openItem = -1;
    }

    /// <summary>Says how many blocks have left the parent by then.</summary>
    public void AddProgress(in SourceCounts counts)
    {
        Extend(MapItemKind.Progress, 0, 0, SourceCounts.LengthBytes);
        counts.Write(Current(SourceCounts.LengthBytes));
        _itemBytes += SourceCounts.LengthBytes;
        _openItem = -1;
    }

    /// <summary>
    /// The finished pages, ready to be written at the place of the first. The last of a commit is marked, so that a
    /// commit that a crash cut off does not count at all.
    /// </summary>
    public ReadOnlySpan<byte> Finish(bool endsCommit)
    {
        SealPage(endsCommit);
        return _buffer.AsSpan(0, LengthBytes);
    }

    /// <summary>Lets the item that is open grow, or opens one, on a new page when this one is full.</summary>
    private void Extend(MapItemKind kind, long block, uint count, int bytes)
    {
        var isMore = _openItem >= 0 && _openKind == kind && _openNext == block && _openCount <= uint.MaxValue - count;
        if (!isMore || !Fits(bytes))
        {
            if (_pages == 0 || !Fits(ItemHeaderBytes + bytes))
            {
                NextPage();
            }

            _openItem = ItemsStart + _itemBytes;
            _openKind = kind;
            _openCount = 0;
            var start = ((ulong)kind << KindShift) | (ulong)block;
            BinaryPrimitives.WriteUInt64LittleEndian(Current(ItemHeaderBytes), start);
            _itemBytes += ItemHeaderBytes;
        }

        _openNext = block + count;
        _openCount += count;
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_openItem + sizeof(ulong)), _openCount);
    }

    private int ItemsStart => ((_pages - 1) * OverlayLayout.PagePairBytes) + MapPage.HeaderBytes;

    private bool Fits(int bytes) => MapPage.HeaderBytes + _itemBytes + bytes <= OverlayLayout.PageBytes;

    private Span<byte> Current(int bytes) => _buffer.AsSpan(ItemsStart + _itemBytes, bytes);

    private void NextPage()
    {
        SealPage(isLast: false);
        _pages++;
        _itemBytes = 0;
        if (LengthBytes > _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }

    private void SealPage(bool isLast)
    {
        if (_pages == 0)
        {
            return;
        }

        var pair = _buffer.AsSpan((_pages - 1) * OverlayLayout.PagePairBytes, OverlayLayout.PagePairBytes);
        var page = _first with { Index = _first.Index + (uint)_pages - 1, IsLast = isLast };
        page.Seal(pair[..OverlayLayout.PageBytes], _itemBytes);
        pair[..OverlayLayout.PageBytes].CopyTo(pair[OverlayLayout.PageBytes..]);
    }
}
