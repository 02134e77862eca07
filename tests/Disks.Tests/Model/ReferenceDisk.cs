using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// What a disk must hold: for each block of 4 KiB its newest content, and the contents that a crash may bring back: the
/// one that was last made durable and every later one, whole.
/// </summary>
internal sealed class ReferenceDisk
{
    public const int Block = 4096;
    private readonly List<byte[]> _newest = [];
    private readonly List<List<byte[]>?> _older = [];

    public ReferenceDisk(string name, SnapshotId parent, byte[] content)
    {
        (Name, Parent, SizeBytes) = (name, parent, content.Length);
        for (var at = 0; at < content.Length; at += Block)
        {
            var block = new byte[Block];
            content.AsSpan(at, Math.Min(Block, content.Length - at)).CopyTo(block);
            _newest.Add(block);
            _older.Add(null);
        }
    }

    public string Name { get; }

    public SnapshotId Parent { get; }

    public bool IsEncrypted { get; init; }

    public long SizeBytes { get; private set; }

    public VirtualDisk? Writer { get; set; }

    public VirtualDisk? Reader { get; set; }

    public bool IsAttached => Writer is not null || Reader is not null;

    /// <summary>Notes a write before it is made.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var (block, within) = Math.DivRem((int)offset, Block);
            var bytes = Math.Min(Block - within, data.Length);
            var content = _newest[block].ToArray();
            data[..bytes].CopyTo(content.AsSpan(within));
            (_older[block] ??= []).Add(_newest[block]);
            _newest[block] = content;
            data = data[bytes..];
            offset += bytes;
        }
    }

    /// <summary>Whole blocks become zero; those that are touched in part stay.</summary>
    public void Trim(long offset, long length)
    {
        var end = offset + length;
        var first = (offset + Block - 1) / Block * Block;
        var last = end == SizeBytes ? end : end / Block * Block;
        Write(first, new byte[Math.Max(0, last - first)]);
    }

    /// <summary>These bytes are durable.</summary>
    public void Flushed(long offset, long length)
    {
        for (var block = offset / Block; block * Block < offset + length; block++)
        {
            _older[(int)block] = null;
        }
    }

    public void Flushed() => Flushed(0, SizeBytes);

    /// <summary>The size was changed, durably; what is added is zero.</summary>
    public void Resize(long sizeBytes)
    {
        var blocks = (int)(sizeBytes / Block);
        _newest.RemoveRange(Math.Min(blocks, _newest.Count), Math.Max(0, _newest.Count - blocks));
        while (_newest.Count < blocks)
        {
            _newest.Add(new byte[Block]);
        }

        _older.Clear();
        _older.AddRange(new List<byte[]>?[blocks]);
        SizeBytes = sizeBytes;
    }

    public byte[] Content()
    {
        var content = new byte[SizeBytes];
        for (var block = 0; block < _newest.Count; block++)
        {
            var at = block * Block;
            _newest[block].AsSpan(0, Math.Min(Block, content.Length - at)).CopyTo(content.AsSpan(at));
        }

        return content;
    }

    /// <summary>What is wrong with bytes that were read, or null.</summary>
    public string? Compare(long offset, ReadOnlySpan<byte> actual)
    {
        while (!actual.IsEmpty)
        {
            var (block, within) = Math.DivRem((int)offset, Block);
            var bytes = Math.Min(Block - within, actual.Length);
            if (!actual[..bytes].SequenceEqual(_newest[block].AsSpan(within, bytes)))
            {
                var at = actual[..bytes].CommonPrefixLength(_newest[block].AsSpan(within, bytes));
                return $"{Name}: byte {offset + at} is {actual[at]:x2}, not {_newest[block][within + at]:x2}";
            }

            actual = actual[bytes..];
            offset += bytes;
        }

        return null;
    }

    /// <summary>Takes what a crash has left, if that is allowed.</summary>
    public string? Recover(ReadOnlySpan<byte> disk)
    {
        for (var block = 0; block < _newest.Count; block++)
        {
            var actual = disk.Slice(block * Block, Math.Min(Block, disk.Length - (block * Block)));
            if (!actual.SequenceEqual(_newest[block].AsSpan(0, actual.Length)))
            {
                var found = Find(_older[block], actual);
                if (found is null)
                {
                    var count = (_older[block]?.Count ?? 0) + 1;
                    return $"{Name}: after the crash block {block} holds none of the {count} contents it may";
                }

                _newest[block] = found;
            }

            _older[block] = null;
        }

        return null;
    }

    private static byte[]? Find(List<byte[]>? contents, ReadOnlySpan<byte> actual)
    {
        foreach (var content in contents ?? [])
        {
            if (actual.SequenceEqual(content.AsSpan(0, actual.Length)))
            {
                return content;
            }
        }

        return null;
    }
}
