using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Storage;

/// <summary>Looks files up in FAT12, FAT16 and FAT32, by their short names.</summary>
internal sealed class FatTree : IFileTree
{
    private const int SectorBytes = 512;
    private const int EntryBytes = 32;
    private const int MaxDirectoryBytes = 64 << 10;
    private const int MaxChain = 16 * 1024;
    private const int PageBytes = 64 << 10;

    /// <summary>A table of more is one of a disk that nobody boots from.</summary>
    private const long MaxTableBytes = 4 << 20;

    private const byte IsDirectory = 0x10;
    private const byte IsLabel = 0x08;

    private readonly FatLayout _layout;
    private readonly Dictionary<long, byte[]> _pages = [];

    /// <summary>What names lead to: in FAT it stands beside them.</summary>
    private readonly List<(bool IsDirectory, uint Cluster, long Size)> _nodes = [];

    private FatTree(ImageView view, FatLayout layout)
    {
        (View, _layout) = (view, layout);
        Metadata =
        [
            view.Own(0, SectorBytes),
            view.Own(layout.FatOffset, Math.Min(MaxTableBytes, layout.FatBytes)),
            .. layout.RootBytes > 0 ? [view.Own(layout.RootOffset, layout.RootBytes)] : Array.Empty<ByteRange>(),
        ];
    }

    public ImageView View { get; }

    public IReadOnlyList<ByteRange> Metadata { get; }

    /// <summary>Opens a file system; null when it is of another kind.</summary>
    public static async ValueTask<IFileTree?> TryOpenAsync(ImageView view) =>
        view.Holds(0, SectorBytes)
        && FatLayout.Read(await view.ReadAsync(0, SectorBytes).ConfigureAwait(false), view.SizeBytes) is { } layout
            ? new FatTree(view, layout) : null;

    public ValueTask<FileNode> RootAsync() => _layout.RootBytes > 0
        ? new(new FileNode(
            FileKind.Directory, _layout.RootBytes, [View.Own(_layout.RootOffset, _layout.RootBytes)], []))
        : ChainAsync(FileKind.Directory, _layout.RootCluster, MaxDirectoryBytes);

    public ValueTask<FileNode> OpenAsync(long node)
    {
        var (isDirectory, cluster, size) = _nodes[(int)node];
        return isDirectory
            ? ChainAsync(FileKind.Directory, cluster, MaxDirectoryBytes) : ChainAsync(FileKind.File, cluster, size);
    }

    public async ValueTask<IReadOnlyList<(string Name, long Node)>> ListAsync(FileNode directory)
    {
        var bytes = await FileBytes.ReadAsync(View, directory, MaxDirectoryBytes).ConfigureAwait(false);
        var names = new List<(string, long)>();
        for (var at = 0; at + EntryBytes <= bytes.Length && bytes[at] != 0; at += EntryBytes)
        {
            var entry = bytes.AsSpan(at, EntryBytes);
            if (entry[0] is not (0xe5 or (byte)'.') && (entry[11] & IsLabel) == 0)
            {
                names.Add((NameOf(entry), _nodes.Count));
                _nodes.Add((
                    (entry[11] & IsDirectory) != 0,
                    BinaryPrimitives.ReadUInt16LittleEndian(entry[26..])
                        | ((uint)BinaryPrimitives.ReadUInt16LittleEndian(entry[20..]) << 16),
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[28..])));
            }
        }

        return names;
    }

    private static string NameOf(ReadOnlySpan<byte> entry)
    {
        var (name, extension) = (Encoding.ASCII.GetString(entry[..8]), Encoding.ASCII.GetString(entry[8..11]));
        return extension.TrimEnd() is { Length: > 0 } type ? $"{name.TrimEnd()}.{type}" : name.TrimEnd();
    }

    /// <summary>Follows the table; a chain that runs in a circle is cut where it is long enough.</summary>
    private async ValueTask<FileNode> ChainAsync(FileKind kind, uint cluster, long sizeBytes)
    {
        var ranges = new List<ByteRange>();
        long total = 0;
        for (var steps = 0; IsData(cluster) && total < sizeBytes; steps++)
        {
            if (steps == MaxChain)
            {
                throw new NoGuessException($"a file has more than {MaxChain} clusters");
            }

            View.Step();
            Add(ranges, View.Own(
                _layout.DataOffset + ((cluster - 2) * (long)_layout.ClusterBytes), _layout.ClusterBytes));
            total += _layout.ClusterBytes;
            cluster = await NextAsync(cluster).ConfigureAwait(false);
        }

        return new FileNode(kind, Math.Min(sizeBytes, total), ranges, []);
    }

    private static void Add(List<ByteRange> ranges, ByteRange range)
    {
        if (ranges.Count > 0 && ranges[^1].Offset + ranges[^1].Length == range.Offset)
        {
            ranges[^1] = ranges[^1] with { Length = ranges[^1].Length + range.Length };
        }
        else
        {
            ranges.Add(range);
        }
    }

    private bool IsData(uint cluster) => cluster >= 2 && cluster - 2 < _layout.Clusters;

    private async ValueTask<uint> NextAsync(uint cluster)
    {
        var at = (long)cluster * _layout.EntryBits / 8;
        var entry = (uint)(await ByteAsync(at).ConfigureAwait(false)
            | (await ByteAsync(at + 1).ConfigureAwait(false) << 8));
        return _layout.EntryBits switch
        {
            12 => (cluster & 1) == 0 ? entry & 0xfff : entry >> 4,
            16 => entry,
            _ => (entry | ((uint)await ByteAsync(at + 2).ConfigureAwait(false) << 16)
                | ((uint)await ByteAsync(at + 3).ConfigureAwait(false) << 24)) & 0x0fffffff,
        };
    }

    private async ValueTask<byte> ByteAsync(long at)
    {
        if (at >= _layout.FatBytes)
        {
            throw new NoGuessException("a file goes on where its table does not");
        }

        var page = at / PageBytes;
        if (!_pages.TryGetValue(page, out var bytes))
        {
            var length = Math.Min(PageBytes, _layout.FatBytes - (page * PageBytes));
            _pages[page] = bytes = await View.ReadAsync(_layout.FatOffset + (page * PageBytes), length)
                .ConfigureAwait(false);
        }

        return bytes[at % PageBytes];
    }
}
