using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Storage;

/// <content>Directories: in their inode, in one block, or in several.</content>
internal sealed partial class XfsTree
{
    private const int MaxDirectoryBytes = 256 << 10;
    private const ushort Free = 0xffff;
    private const int TailBytes = 8;
    private const int LeafBytes = 8;

    public async ValueTask<IReadOnlyList<(string Name, long Node)>> ListAsync(FileNode directory)
    {
        var names = new List<(string, long)>();
        if (directory.Inline.Length > 0)
        {
            AddShort(directory.Inline, names);
            return names;
        }

        var bytes = await FileBytes.ReadAsync(View, directory, MaxDirectoryBytes).ConfigureAwait(false);
        for (var at = 0; at + _layout.DirectoryBytes <= bytes.Length; at += _layout.DirectoryBytes)
        {
            AddBlock(bytes.AsSpan(at, _layout.DirectoryBytes), names);
        }

        return names;
    }

    private void AddShort(ReadOnlySpan<byte> area, List<(string Name, long Node)> names)
    {
        if (area.Length < 6)
        {
            throw new NoGuessException("a directory is shorter than its beginning");
        }

        var nodeBytes = area[1] > 0 ? 8 : 4;
        var at = 2 + nodeBytes;
        for (var i = 0; i < area[0]; i++)
        {
            var entry = at < area.Length ? area[at..] : [];
            var length = entry.Length > 0 ? 3 + entry[0] + (_layout.HasFileTypes ? 1 : 0) + nodeBytes : 1;
            if (entry.Length < length)
            {
                throw new NoGuessException("a directory ends within an entry");
            }

            var node = entry[(length - nodeBytes)..length];
            names.Add((
                Encoding.UTF8.GetString(entry.Slice(3, entry[0])),
                nodeBytes == 8
                    ? BinaryPrimitives.ReadInt64BigEndian(node) : BinaryPrimitives.ReadUInt32BigEndian(node)));
            at += length;
        }
    }

    private void AddBlock(ReadOnlySpan<byte> block, List<(string Name, long Node)> names)
    {
        var (isOne, isNew) = Encoding.ASCII.GetString(block[..4]) switch
        {
            "XD2B" => (true, false),
            "XDB3" => (true, true),
            "XD2D" => (false, false),
            "XDD3" => (false, true),
            _ => throw new NoGuessException("a directory has a block that is none"),
        };
        var end = isOne ? EndOf(block) : block.Length;
        for (var at = isNew ? 64 : 16; at + 16 <= end;)
        {
            var entry = block[at..end];
            if (BinaryPrimitives.ReadUInt16BigEndian(entry) == Free)
            {
                at += Checked(BinaryPrimitives.ReadUInt16BigEndian(entry[2..]), entry.Length);
                continue;
            }

            var length = Checked((8 + 1 + entry[8] + (_layout.HasFileTypes ? 1 : 0) + 2 + 7) & ~7, entry.Length);
            var name = Encoding.UTF8.GetString(entry.Slice(9, entry[8]));
            if (name is not ("." or ".."))
            {
                names.Add((name, BinaryPrimitives.ReadInt64BigEndian(entry)));
            }

            at += length;
        }
    }

    /// <summary>Where entries end in the only block of a directory: its index follows them.</summary>
    private static int EndOf(ReadOnlySpan<byte> block)
    {
        var leaves = BinaryPrimitives.ReadUInt32BigEndian(block[^TailBytes..]);
        return leaves <= (block.Length - TailBytes) / LeafBytes
            ? block.Length - TailBytes - ((int)leaves * LeafBytes)
            : throw new NoGuessException($"a directory of one block has {leaves} entries");
    }

    private static int Checked(int length, int left) => length >= 8 && length <= left
        ? length : throw new NoGuessException($"a directory has an entry of {length} bytes");
}
