using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>Looks files up in XFS, of versions 4 and 5.</summary>
internal sealed partial class XfsTree : IFileTree
{
    private const long LogHeadBytes = 1 << 20;
    private const int GroupHeaders = 4;
    private const int FirstGroups = 4;
    private const int MaxRanges = 4096;
    private const byte Local = 1;
    private const byte Extents = 2;
    private const ulong ManyExtents = 1 << 4;

    private readonly XfsLayout _layout;

    private XfsTree(ImageView view, XfsLayout layout)
    {
        (View, _layout) = (view, layout);
        var groupBytes = layout.GroupBlocks * layout.BlockBytes;
        Metadata =
        [
            .. Enumerable.Range(0, (int)Math.Min(FirstGroups, layout.Groups))
                .Select(group => view.Own(group * groupBytes, GroupHeaders * layout.SectorBytes)),
            .. layout.LogBlock > 0
                ? [view.Own(layout.OffsetOf(layout.LogBlock), LogHeadBytes)] : Array.Empty<ByteRange>(),
            view.Own(layout.OffsetOfInode(layout.RootInode), layout.InodeBytes),
        ];
    }

    public ImageView View { get; }

    public IReadOnlyList<ByteRange> Metadata { get; }

    /// <summary>Opens a file system; null when it is of another kind.</summary>
    public static async ValueTask<IFileTree?> TryOpenAsync(ImageView view) =>
        view.Holds(0, XfsLayout.Bytes)
        && XfsLayout.Read(await view.ReadAsync(0, XfsLayout.Bytes).ConfigureAwait(false)) is { } layout
            ? new XfsTree(view, layout) : null;

    public ValueTask<FileNode> RootAsync() => OpenAsync(_layout.RootInode);

    public async ValueTask<FileNode> OpenAsync(long node)
    {
        var inode = await View.ReadAsync(_layout.OffsetOfInode(node), _layout.InodeBytes).ConfigureAwait(false);
        var version = inode[4];
        if (inode[0] != (byte)'I' || inode[1] != (byte)'N' || version is < 1 or > 3)
        {
            throw new NoGuessException($"inode {node} is not one");
        }

        var kind = FileKinds.Of(BinaryPrimitives.ReadUInt16BigEndian(inode.AsSpan(2)));
        var size = BinaryPrimitives.ReadInt64BigEndian(inode.AsSpan(56));
        var area = inode.AsMemory(version == 3 ? 176 : 100);
        return (inode[5], size) switch
        {
            (_, < 0) => throw new NoGuessException($"a file has {size} bytes"),
            (Local, _) when size <= area.Length => new FileNode(kind, size, [], area[..(int)size].ToArray()),
            (Extents, _) => new FileNode(kind, size, ExtentsOf(area.Span, ExtentCount(inode, version)), []),
            _ => new FileNode(kind, size, [], []), // a tree of extents: only very scattered files have one
        };
    }

    private static long ExtentCount(ReadOnlySpan<byte> inode, byte version) =>
        version == 3 && (BinaryPrimitives.ReadUInt64BigEndian(inode[120..]) & ManyExtents) != 0
            ? BinaryPrimitives.ReadInt64BigEndian(inode[24..])
            : BinaryPrimitives.ReadUInt32BigEndian(inode[76..]);

    /// <summary>Extents of a file: 1 bit of state, 54 of its place in the file, 52 of its block, 21 of its length.
    /// </summary>
    private List<ByteRange> ExtentsOf(ReadOnlySpan<byte> area, long count)
    {
        if (count < 0 || count > area.Length / 16 || count > MaxRanges)
        {
            throw new NoGuessException($"a file has {count} extents in its inode");
        }

        var ranges = new List<ByteRange>();
        for (var i = 0; i < count; i++)
        {
            var high = BinaryPrimitives.ReadUInt64BigEndian(area[(i * 16)..]);
            var low = BinaryPrimitives.ReadUInt64BigEndian(area[((i * 16) + 8)..]);
            var fileBlock = (long)((high >> 9) & ((1UL << 54) - 1));
            var block = (long)(((high & 0x1ff) << 43) | (low >> 21));
            var blocks = (long)(low & ((1 << 21) - 1));

            // What a directory has from 32 GiB on is its index.
            if (fileBlock < (32L << 30) / _layout.BlockBytes)
            {
                ranges.Add(View.Own(_layout.OffsetOf(block), blocks * _layout.BlockBytes));
            }
        }

        return ranges;
    }
}
