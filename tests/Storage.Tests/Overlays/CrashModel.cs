namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// What each block of a disk may hold: its content at the last flush and every later one, whole. Without a crash only
/// the newest counts.
/// </summary>
internal sealed class CrashModel
{
    private const int Block = OverlayStore.BlockBytes;
    private readonly List<List<byte[]>> _allowed = [];

    public CrashModel(PatternParent parent, long sizeBytes)
    {
        SizeBytes = sizeBytes;
        for (var block = 0; block * (long)Block < sizeBytes; block++)
        {
            _allowed.Add([parent.BlockAt(block)]);
        }
    }

    public long SizeBytes { get; private set; }

    /// <summary>Notes a write before it is made: from now on each block may hold it.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var (block, within) = Math.DivRem(offset, Block);
            var bytes = (int)Math.Min(Block - within, data.Length);
            var content = _allowed[(int)block][^1].ToArray();
            data[..bytes].CopyTo(content.AsSpan((int)within));
            _allowed[(int)block].Add(content);
            data = data[bytes..];
            offset += bytes;
        }
    }

    /// <summary>The newest content of the whole disk.</summary>
    public byte[] Newest() => [.. _allowed.SelectMany(contents => contents[^1]).Take((int)SizeBytes)];

    /// <summary>A flush has succeeded: only the newest contents of these blocks are allowed.</summary>
    public void Flushed(long offset, long length)
    {
        for (var block = offset / Block; block * Block < offset + length; block++)
        {
            _allowed[(int)block] = [_allowed[(int)block][^1]];
        }
    }

    /// <summary>The size was changed; what is added is zero.</summary>
    public void Resize(long sizeBytes)
    {
        var blocks = (int)(sizeBytes / Block);
        _allowed.RemoveRange(Math.Min(blocks, _allowed.Count), Math.Max(0, _allowed.Count - blocks));
        while (_allowed.Count < blocks)
        {
            _allowed.Add([new byte[Block]]);
        }

        SizeBytes = sizeBytes;
    }

    /// <summary>
    /// Compares with what the disk holds; after a crash any allowed content will do, and becomes the only one where the
    /// crash was real.
    /// </summary>
    public string? Compare(byte[] disk, bool isAfterCrash, bool isReal = true)
    {
        for (var block = 0; block < _allowed.Count; block++)
        {
            var actual = disk.AsSpan(block * Block, (int)Math.Min(Block, disk.Length - (block * (long)Block)));
            var candidates = _allowed[block];
            var found = -1;
            for (var i = candidates.Count - 1; i >= (isAfterCrash ? 0 : candidates.Count - 1) && found < 0; i--)
            {
                found = actual.SequenceEqual(candidates[i].AsSpan(0, actual.Length)) ? i : -1;
            }

            if (found < 0)
            {
                return $"block {block} holds none of the {candidates.Count} contents it may";
            }

            if (isAfterCrash && isReal)
            {
                _allowed[block] = [candidates[found]];
            }
        }

        return null;
    }
}
