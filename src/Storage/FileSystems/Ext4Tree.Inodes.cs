using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <content>Inodes, and where their bytes are.</content>
internal sealed partial class Ext4Tree
{
    private const uint HasExtents = 0x80000;
    private const uint HasInlineData = 0x10000000;
    private const ushort ExtentMagic = 0xf30a;
    private const int MaxDepth = 5;
    private const int MaxRanges = 4096;
    private const int BlockArea = 40;
    private const int BlockAreaBytes = 60;
    private const int DirectBlocks = 12;
    private const int MaxWritten = 1 << 15;

    private async ValueTask<FileNode> NodeOfAsync(byte[] inode)
    {
        var kind = FileKinds.Of(BinaryPrimitives.ReadUInt16LittleEndian(inode));
        var size = BinaryPrimitives.ReadUInt32LittleEndian(inode.AsSpan(4))
            | ((long)BinaryPrimitives.ReadInt32LittleEndian(inode.AsSpan(108)) << 32);
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(inode.AsSpan(32));
        var area = inode.AsMemory(BlockArea, BlockAreaBytes);
        if (size < 0)
        {
            throw new NoGuessException($"a file has {size} bytes");
        }

        if ((flags & HasInlineData) != 0)
        {
            return kind == FileKind.Directory
                ? throw new NoGuessException("a directory lies in its inode") : new FileNode(kind, size, [], []);
        }

        if ((flags & HasExtents) != 0)
        {
            var ranges = new List<ByteRange>();
            await AddExtentsAsync(area, MaxDepth, ranges).ConfigureAwait(false);
            return new FileNode(kind, size, ranges, []);
        }

        return kind == FileKind.Link && size < BlockAreaBytes
            ? new FileNode(kind, size, [], area[..(int)size].ToArray())
            : new FileNode(kind, size, DirectOf(area.Span, size), []);
    }

    /// <summary>Of ext2 and ext3: the first blocks, which is where things begin.</summary>
    private List<ByteRange> DirectOf(ReadOnlySpan<byte> area, long size)
    {
        var ranges = new List<ByteRange>();
        for (var i = 0; i < DirectBlocks && i * (long)_layout.BlockBytes < size; i++)
        {
            AddBlock(ranges, BinaryPrimitives.ReadUInt32LittleEndian(area[(i * 4)..]));
        }

        return ranges;
    }

    private void AddBlock(List<ByteRange> ranges, uint block) => ranges.AddRange(block == 0 ? [] : [Local(block, 1)]);

    private async ValueTask AddExtentsAsync(ReadOnlyMemory<byte> node, int depthLeft, List<ByteRange> into)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(node.Span[2..]);
        var depth = BinaryPrimitives.ReadUInt16LittleEndian(node.Span[6..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(node.Span) != ExtentMagic || (count + 1) * 12 > node.Length
            || depth > depthLeft || into.Count > MaxRanges)
        {
            throw new NoGuessException($"a file has a tree of {depth} levels with {count} extents");
        }

        for (var i = 1; i <= count; i++)
        {
            var entry = node.Slice(i * 12, 12);
            if (depth == 0)
            {
                into.Add(ExtentOf(entry.Span));
                continue;
            }

            var block = BinaryPrimitives.ReadUInt32LittleEndian(entry.Span[4..])
                | ((long)BinaryPrimitives.ReadUInt16LittleEndian(entry.Span[8..]) << 32);
            var child = await View.ReadAsync(Local(block, 1).Offset, _layout.BlockBytes).ConfigureAwait(false);
            await AddExtentsAsync(child, depth - 1, into).ConfigureAwait(false);
        }
    }

    private ByteRange ExtentOf(ReadOnlySpan<byte> entry) => Local(
        BinaryPrimitives.ReadUInt32LittleEndian(entry[8..])
            | ((long)BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) << 32),
        WrittenOf(BinaryPrimitives.ReadUInt16LittleEndian(entry[4..])));

    /// <summary>Longer ones are allocated, but not written yet.</summary>
    private static int WrittenOf(ushort length) => length > MaxWritten ? length - MaxWritten : length;
}
