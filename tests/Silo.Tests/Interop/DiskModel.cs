namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>What a disk must hold: its bytes, and which blocks must be told to be zero.</summary>
internal sealed class DiskModel(byte[] content)
{
    public const int BlockBytes = 4096;

    private readonly bool[] _isHole = new bool[(content.Length + BlockBytes - 1) / BlockBytes];

    public int SizeBytes => content.Length;

    public ReadOnlySpan<byte> Bytes => content;

    /// <summary>Blocks that were trimmed or zeroed as a whole and not written since.</summary>
    public int Holes => _isHole.Count(isHole => isHole);

    public void Write(int offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(content.AsSpan(offset));
        MarkTouched(offset, bytes.Length, isHole: false);
    }

    /// <summary>Zeroes exactly these bytes; whole blocks become holes, unless space is to be kept.</summary>
    public void Zero(int offset, int length, bool mayBeHole)
    {
        content.AsSpan(offset, length).Clear();
        MarkTouched(offset, length, isHole: false);
        var (first, end) = WholeBlocks(offset, length);
        for (var block = first; block < end && mayBeHole; block++)
        {
            _isHole[block] = true;
        }
    }

    /// <summary>Zeroes the whole blocks among these bytes, and leaves the others as they are.</summary>
    public void Trim(int offset, int length)
    {
        var (first, end) = WholeBlocks(offset, length);
        if (first < end)
        {
            var start = first * BlockBytes;
            Zero(start, Math.Min(end * BlockBytes, SizeBytes) - start, mayBeHole: true);
        }
    }

    /// <summary>Whether a range has no byte other than zero.</summary>
    public bool IsZero(long offset, long length) =>
        !content.AsSpan((int)offset, (int)length).ContainsAnyExcept((byte)0);

    /// <summary>Whether the block of this byte must be told to be zero.</summary>
    public bool IsHole(long offset) => _isHole[offset / BlockBytes];

    private (int First, int End) WholeBlocks(int offset, int length)
    {
        var end = offset + length == SizeBytes ? _isHole.Length : (offset + length) / BlockBytes;
        return ((offset + BlockBytes - 1) / BlockBytes, end);
    }

    private void MarkTouched(int offset, int length, bool isHole)
    {
        for (var block = offset / BlockBytes; block <= (offset + length - 1) / BlockBytes; block++)
        {
            _isHole[block] = isHole;
        }
    }
}
