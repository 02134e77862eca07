using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>
/// Reads a map file back after an orderly end, a crash, or rot. A page that is invalid in both copies ends the map if
/// no later commit follows it, for then its commit was never durable; it is damage if one does.
/// </summary>
internal sealed class MapLoader(IBlockFile file, Guid diskId, IMapSink sink)
{
    private const int BatchPages = 64;
    private const int EntryBytes = 8;
    private const long BlockMask = (1L << 56) - 1;

    /// <summary>No larger than the file: most maps are a few pages.</summary>
    private readonly byte[] _batch = new byte[
        Math.Clamp(file.LengthBytes / OverlayLayout.PagePairBytes, 1, BatchPages) * OverlayLayout.PagePairBytes];

    /// <summary>Items of a commit whose last page has not been read yet.</summary>
    private readonly List<(uint Index, byte[] Items)> _held = [];

    private bool _isClosed;
    private MapPage _last;
    private uint _gap;

    /// <summary>The header of the file.</summary>
    public MapHeader Header { get; private set; }

    /// <summary>The newest owner that the file knows.</summary>
    public long Epoch { get; private set; }

    /// <summary>Blocks that have left the parent, by source.</summary>
    public SourceCounts Progress { get; private set; }

    /// <summary>Copies of pages that were damaged while their other copy was not.</summary>
    public int DamagedCopies { get; private set; }

    /// <summary>The owner closed it, and every page is as it was written.</summary>
    public bool IsClean => _isClosed && _gap == 0 && DamagedCopies == 0;

    /// <summary>Where the next page goes, with the number of the next commit.</summary>
    public MapPage Next { get; private set; }

    /// <summary>Reads everything.</summary>
    /// <exception cref="OverlayCorruptException">Something is damaged in both copies.</exception>
    public void Load()
    {
        ReadHeader();
        uint index = 1;
        for (int pages; (pages = ReadBatch(index)) > 0; index += (uint)pages)
        {
            for (var i = 0; i < pages; i++)
            {
                ReadPair(index + (uint)i, _batch.AsSpan(i * OverlayLayout.PagePairBytes, OverlayLayout.PagePairBytes));
            }
        }

        var end = _gap == 0 ? index : _gap;
        if (end <= Header.CheckpointPages)
        {
            throw Corrupt($"page {end} of the {Header.CheckpointPages} pages of its checkpoint is lost");
        }

        Next = new(Header.Generation, end, end, _last.Commit + 1);
    }

    private void ReadHeader()
    {
        var first = TryReadHeader(0, out var error);
        var second = TryReadHeader(OverlayLayout.PageBytes, out _);
        Header = first ?? second ?? throw Corrupt(error!.Message, error);
        DamagedCopies += first is null || second is null ? 1 : 0;
        Epoch = Header.Epoch;
        Progress = Header.Progress;
        if (Header.DiskId != diskId)
        {
            throw Corrupt($"its map belongs to disk {Header.DiskId}");
        }

        if (Header.SizeBytes is < 1 or > OverlayLayout.MaxSizeBytes)
        {
            throw Corrupt($"its map is for a disk of {Header.SizeBytes} bytes");
        }

        sink.OnHeader(Header);
    }

    private MapHeader? TryReadHeader(long offset, out CorruptFormatException? error)
    {
        var page = new byte[OverlayLayout.PageBytes];
        _ = file.Read(offset, page);
        try
        {
            error = null;
            return MapHeader.Read(page);
        }
        catch (CorruptFormatException e)
        {
            error = e;
            return null;
        }
    }

    /// <summary>
    /// Reads the pages from <paramref name="index"/> on; what is missing of the last one reads as zeros.
    /// </summary>
    private int ReadBatch(uint index)
    {
        var bytes = file.Read((long)index * OverlayLayout.PagePairBytes, _batch);
        _batch.AsSpan(bytes).Clear();
        return (bytes + OverlayLayout.PagePairBytes - 1) / OverlayLayout.PagePairBytes;
    }

    private void ReadPair(uint index, ReadOnlySpan<byte> pair)
    {
        var isFirst = MapPage.TryOpen(
            pair[..OverlayLayout.PageBytes], Header.Generation, index, out var page, out var items);
        var isSecond = MapPage.TryOpen(
            pair[OverlayLayout.PageBytes..], Header.Generation, index, out var mirror, out var mirrorItems);
        if (!isFirst && isSecond)
        {
            page = mirror;
            items = mirrorItems;
        }

        var isValid = isFirst || isSecond;
        if (_gap != 0)
        {
            RefuseLaterCommit(isValid, page);
        }
        else if (!isValid || !Follows(page))
        {
            _gap = index;
        }
        else
        {
            DamagedCopies += isFirst && isSecond ? 0 : 1;
            _last = page;
            ApplyOrHold(page, items);
        }
    }

    /// <summary>
    /// A commit counts as a whole or not at all: what it says of the progress holds for all of its blocks. Of the
    /// checkpoint every page must be there anyway.
    /// </summary>
    private void ApplyOrHold(MapPage page, ReadOnlySpan<byte> items)
    {
        if (page.Index <= Header.CheckpointPages)
        {
            Apply(items, page.Index);
            return;
        }

        if (page.CommitStart == page.Index)
        {
            _isClosed = false;
            if (_held.Count > 0)
            {
                throw Corrupt($"page {page.Index} of its map begins commit {page.Commit} before the last one's end");
            }
        }

        if (!page.IsLast)
        {
            _held.Add((page.Index, items.ToArray()));
            return;
        }

        _held.ForEach(held => Apply(held.Items, held.Index));
        _held.Clear();
        Apply(items, page.Index);
    }

    /// <summary>
    /// A commit begins only after the one before it is durable, so a gap before it is no crash's doing.
    /// </summary>
    private void RefuseLaterCommit(bool isValid, MapPage page)
    {
        if (isValid && page.CommitStart > _gap)
        {
            throw Corrupt($"page {_gap} of its map is unreadable though the later commit {page.Commit} is there");
        }
    }

    /// <summary>Pages of an attempt that failed may lie behind those of the attempt that replaced it.</summary>
    private bool Follows(MapPage page) => page.CommitStart == page.Index
        ? page.Commit > _last.Commit
        : page.CommitStart == _last.CommitStart && page.Commit == _last.Commit;

    private void Apply(ReadOnlySpan<byte> items, uint index)
    {
        while (!items.IsEmpty)
        {
            if (items.Length < MapPageBuilder.ItemHeaderBytes)
            {
                throw Corrupt($"page {index} of its map ends inside an item");
            }

            var start = BinaryPrimitives.ReadUInt64LittleEndian(items);
            var count = BinaryPrimitives.ReadUInt32LittleEndian(items[sizeof(ulong)..]);
            var kind = (MapItemKind)(start >> 56);
            items = items[MapPageBuilder.ItemHeaderBytes..];
            items = items[Apply(kind, (long)start & BlockMask, count, items, index)..];
            _isClosed = kind == MapItemKind.Closed;
        }
    }

    private int Apply(MapItemKind kind, long block, uint count, ReadOnlySpan<byte> body, uint index)
    {
        var bytes = kind switch
        {
            MapItemKind.Data => count * (long)EntryBytes,
            MapItemKind.Epoch => sizeof(long),
            MapItemKind.Progress => SourceCounts.LengthBytes,
            MapItemKind.Zero or MapItemKind.Closed => 0,
            _ => throw Corrupt($"page {index} of its map holds an item of unknown kind {kind}"),
        };
        if (bytes > body.Length || block + count > OverlayLayout.BlocksOf(Header.SizeBytes))
        {
            throw Corrupt($"page {index} of its map names blocks {block} to {block + count} that it cannot hold");
        }

        switch (kind)
        {
            case MapItemKind.Data:
                ApplyData(block, body[..(int)bytes], index);
                break;
            case MapItemKind.Zero:
                sink.OnZeros(block, count);
                break;
            case MapItemKind.Epoch:
                Epoch = Math.Max(Epoch, BinaryPrimitives.ReadInt64LittleEndian(body));
                break;
            case MapItemKind.Progress:
                Progress = SourceCounts.Read(body);
                break;
        }

        return (int)bytes;
    }

    private void ApplyData(long block, ReadOnlySpan<byte> entries, uint index)
    {
        for (; !entries.IsEmpty; entries = entries[EntryBytes..])
        {
            var entry = EntryAt(entries);
            if (!entry.IsData)
            {
                throw Corrupt($"page {index} of its map gives block {block} no place");
            }

            sink.OnData(block++, entry);
        }
    }

    private static BlockEntry EntryAt(ReadOnlySpan<byte> body) => BlockEntry.Data(
        BinaryPrimitives.ReadUInt32LittleEndian(body), BinaryPrimitives.ReadUInt32LittleEndian(body[4..]));

    private OverlayCorruptException Corrupt(string reason, Exception? inner = null) => new(diskId, reason, inner);
}
