using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Storage;

/// <summary>Looks files up in ext2, ext3 and ext4.</summary>
internal sealed partial class Ext4Tree : IFileTree
{
    private const long Root = 2;
    private const int MaxDirectoryBytes = 256 << 10;

    /// <summary>What of a journal is read on each mount, and of an inode table soon after.</summary>
    private const long HeadBytes = 1 << 20;

    private const int FirstGroups = 4;

    private readonly Ext4Layout _layout;
    private readonly List<ByteRange> _metadata = [];

    private Ext4Tree(ImageView view, Ext4Layout layout) => (View, _layout) = (view, layout);

    public ImageView View { get; }

    public IReadOnlyList<ByteRange> Metadata => _metadata;

    /// <summary>Opens a file system; null when it is of another kind.</summary>
    public static async ValueTask<IFileTree?> TryOpenAsync(ImageView view)
    {
        if (!view.Holds(Ext4Layout.Offset, Ext4Layout.Bytes)
            || Ext4Layout.Read(await view.ReadAsync(Ext4Layout.Offset, Ext4Layout.Bytes).ConfigureAwait(false))
                is not { } layout)
        {
            return null;
        }

        var tree = new Ext4Tree(view, layout);
        await tree.FindMetadataAsync().ConfigureAwait(false);
        return tree;
    }

    public ValueTask<FileNode> RootAsync() => OpenAsync(Root);

    public async ValueTask<FileNode> OpenAsync(long node)
    {
        if (node <= 0 || node > _layout.Groups * _layout.InodesPerGroup)
        {
            throw new NoGuessException($"there is no inode {node}");
        }

        var table = await InodeTableAsync((node - 1) / _layout.InodesPerGroup).ConfigureAwait(false);
        var inode = await View.ReadAsync(
            table + ((node - 1) % _layout.InodesPerGroup * _layout.InodeBytes), 128).ConfigureAwait(false);
        return await NodeOfAsync(inode).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<(string Name, long Node)>> ListAsync(FileNode directory)
    {
        var bytes = await FileBytes.ReadAsync(View, directory, MaxDirectoryBytes).ConfigureAwait(false);
        var names = new List<(string, long)>();
        for (var at = 0; at + 8 <= bytes.Length;)
        {
            var entry = bytes.AsSpan(at);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
            var nameLength = entry[6];
            if (length < 8 || length > entry.Length || nameLength + 8 > length)
            {
                throw new NoGuessException($"a directory has an entry of {length} bytes");
            }

            var name = Encoding.UTF8.GetString(entry.Slice(8, nameLength));
            if (BinaryPrimitives.ReadUInt32LittleEndian(entry) is not 0 and var node && name is not ("." or ".."))
            {
                names.Add((name, node));
            }

            at += length;
        }

        return names;
    }

    private async ValueTask FindMetadataAsync()
    {
        var groups = Math.Min(FirstGroups, _layout.Groups);
        _metadata.Add(View.Own(0, Ext4Layout.Offset + Ext4Layout.Bytes));
        _metadata.Add(View.Own(_layout.Descriptors, _layout.Groups * _layout.DescriptorBytes));
        for (var group = 0L; group < groups; group++)
        {
            var table = await InodeTableAsync(group).ConfigureAwait(false);
            _metadata.Add(View.Own(table, Math.Min(HeadBytes, _layout.InodesPerGroup * _layout.InodeBytes)));
        }

        if (_layout.JournalInode != 0)
        {
            var journal = await OpenAsync(_layout.JournalInode).ConfigureAwait(false);
            _metadata.AddRange(journal.Ranges.Take(1).Select(
                range => range with { Length = Math.Min(HeadBytes, range.Length) }));
        }
    }

    private async ValueTask<long> InodeTableAsync(long group)
    {
        var descriptor = await View.ReadAsync(
            _layout.Descriptors + (group * _layout.DescriptorBytes), _layout.DescriptorBytes).ConfigureAwait(false);
        long block = BinaryPrimitives.ReadUInt32LittleEndian(descriptor.AsSpan(8));
        block |= _layout.DescriptorBytes >= 64
            ? (long)BinaryPrimitives.ReadUInt32LittleEndian(descriptor.AsSpan(40)) << 32 : 0;
        return Local(block, 1).Offset;
    }

    /// <summary>Blocks of the file system, as its bytes.</summary>
    private ByteRange Local(long block, long count)
    {
        var (offset, length) = (block * _layout.BlockBytes, count * _layout.BlockBytes);
        return block is > 0 and < 1L << 40 && View.Holds(offset, length)
            ? new ByteRange(offset, length) : throw new NoGuessException($"there are no {count} blocks at {block}");
    }
}
