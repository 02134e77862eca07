using SnapshotGrains.Storage;

namespace SnapshotGrains.Testing;

/// <summary>
/// A file of <see cref="PowerLossFileSystem"/>: what is durable, what the system shows, and the writes between.
/// </summary>
public sealed class PowerLossFile : IBlockFile
{
    private const int SectorBytes = 512;

    private delegate void Survivor(int at, ReadOnlySpan<byte> bytes);

    private readonly List<(long Offset, byte[] Bytes)> _unsynced = [];
    private byte[] _shown = [];
    private byte[] _durable = [];
    private long _length;
    private long _durableLength;

    public required PowerLossFileSystem System { get; set; }

    public bool IsOpen { get; set; }

    public long LengthBytes => _length;

    /// <summary>The bytes as they are shown, for a test to damage them; the damage is durable.</summary>
    public void FlipBit(long bit)
    {
        foreach (var bytes in (byte[][])[_shown, _durable])
        {
            if (bit / 8 < bytes.Length)
            {
                bytes[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            }
        }
    }

    public int Read(long offset, Span<byte> destination)
    {
        var content = System.Look(() => _shown);
        ObjectDisposedException.ThrowIf(!IsOpen, this);
        var bytes = (int)Math.Clamp(_length - offset, 0, destination.Length);
        content.AsSpan((int)Math.Min(offset, _length), bytes).CopyTo(destination);
        return bytes;
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        var bytes = source.ToArray();
        System.Act(
            () =>
            {
                Apply(ref _shown, ref _length, offset, bytes);
                _unsynced.Add((offset, bytes));
            },
            () => _unsynced.Add((offset, bytes)),
            offset + source.Length - _length);
    }

    public void PunchHole(long offset, long length) => Write(offset, new byte[Math.Min(length, _length - offset)]);

    public void Flush() => System.Act(() =>
    {
        _unsynced.ForEach(write => Apply(ref _durable, ref _durableLength, write.Offset, write.Bytes));
        _unsynced.Clear();
    });

    public void Dispose() => IsOpen = false;

    /// <summary>
    /// What the disk holds when the power comes back: each unsynced write whole, in sectors, or not at all.
    /// </summary>
    public PowerLossFile AfterPowerLoss(Random random)
    {
        var chance = random.Next(4) switch
        {
            0 => 0.0,
            1 => 1.0,
            _ => random.NextDouble(),
        };
        var isReordered = random.Next(4) == 0;
        var writes = isReordered ? _unsynced.OrderBy(_ => random.Next()).ToList() : _unsynced;
        var content = _durable.ToArray();
        var length = _durableLength;
        foreach (var (offset, bytes) in writes)
        {
            Survive(random, chance, (at, sectors) => Apply(ref content, ref length, offset + at, sectors), bytes);
        }

        return new PowerLossFile
        {
            System = System,
            _shown = [.. content],
            _durable = content,
            _length = length,
            _durableLength = length,
        };
    }

    private static void Survive(Random random, double chance, Survivor keep, byte[] bytes)
    {
        var piece = random.Next(3) > 0 ? bytes.Length : SectorBytes;
        for (var at = 0; at < bytes.Length; at += piece)
        {
            if (random.NextDouble() < chance)
            {
                keep(at, bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            }
        }
    }

    private static void Apply(ref byte[] content, ref long length, long offset, ReadOnlySpan<byte> bytes)
    {
        var end = offset + bytes.Length;
        if (end > content.Length)
        {
            Array.Resize(ref content, (int)Math.Max(end, content.Length * 2));
        }

        bytes.CopyTo(content.AsSpan((int)offset));
        length = Math.Max(length, end);
    }
}
