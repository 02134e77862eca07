using System.Buffers.Binary;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Tests.Crash;

/// <summary>
/// What was asked of each block of a disk, and what was promised. Kept by the one who writes, so it survives the silo.
/// Thread-safe; the writes of one block come one after the other.
/// </summary>
internal sealed class BlockHistory(byte[] image)
{
    public const int BlockBytes = 4096;

    private const ulong Magic = 0x4B43_4F4C_4254_5346;
    private const int HeaderBytes = 28;

    private readonly Lock _gate = new();
    private readonly Block[] _blocks = [.. Enumerable.Range(0, image.Length / BlockBytes).Select(_ => new Block())];
    private readonly List<(int Block, long Version)> _acknowledged = [];
    private long _lastVersion;

    public int BlockCount => _blocks.Length;

    /// <summary>Acknowledged changes, FUA, and flushes.</summary>
    public (long Writes, long Durable, long Flushes) Counts { get; private set; }

    /// <summary>A change is about to be asked for: from now on the block may have it.</summary>
    /// <returns>The version to acknowledge.</returns>
    public long Ask(int block, bool isZero)
    {
        lock (_gate)
        {
            _blocks[block].Possible.Add((++_lastVersion, isZero));
            return _lastVersion;
        }
    }

    /// <summary>The silo has said that the change is made; with FUA that it stays.</summary>
    public void Acknowledge(int block, long version, bool isDurable)
    {
        lock (_gate)
        {
            Counts = Counts with { Writes = Counts.Writes + 1, Durable = Counts.Durable + (isDurable ? 1 : 0) };
            if (isDurable)
            {
                Keep(block, version);
            }
            else
            {
                _acknowledged.Add((block, version));
            }
        }
    }

    /// <summary>What a flush that is sent now will make durable.</summary>
    public (int Block, long Version)[] BeginFlush()
    {
        lock (_gate)
        {
            return [.. _acknowledged];
        }
    }

    /// <summary>The silo has answered the flush.</summary>
    public void EndFlush((int Block, long Version)[] promised)
    {
        lock (_gate)
        {
            Counts = Counts with { Flushes = Counts.Flushes + 1 };
            foreach (var (block, version) in promised)
            {
                Keep(block, version);
            }

            _acknowledged.RemoveAll(change => _blocks[change.Block].Durable >= change.Version);
        }
    }

    /// <summary>
    /// Compares what a block holds after a restart with what was promised; null when it is right. What is there now
    /// must stay.
    /// </summary>
    public string? Check(int number, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var block = _blocks[number];
            foreach (var (version, isZero) in block.Possible)
            {
                if (version >= block.Durable && IsVersion(number, version, isZero, bytes))
                {
                    block.Settle(version);
                    return null;
                }
            }

            return block.Durable == 0 && bytes.SequenceEqual(image.AsSpan(number * BlockBytes, BlockBytes))
                ? Settled(block)
                : $"block {number} holds {Describe(bytes)}; durable is version {block.Durable}, and possible are "
                    + string.Join(", ", block.Possible.Select(it => $"{it.Version}{(it.IsZero ? "z" : "")}"));
        }
    }

    /// <summary>What crashes have settled: no flush is needed for it any more.</summary>
    public void ForgetUnflushed()
    {
        lock (_gate)
        {
            _acknowledged.Clear();
        }
    }

    /// <summary>The bytes of a version: it says which one it is, and a checksum covers all of it.</summary>
    public static void Fill(int block, long version, Span<byte> bytes)
    {
        new Random((int)(version * 7919) ^ block).NextBytes(bytes[HeaderBytes..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], block);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], Crc32C.Compute(bytes));
    }

    private static bool IsVersion(int block, long version, bool isZero, ReadOnlySpan<byte> bytes)
    {
        if (isZero)
        {
            return !bytes.ContainsAnyExcept((byte)0);
        }

        if (BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) != version)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[BlockBytes];
        Fill(block, version, expected);
        return bytes.SequenceEqual(expected);
    }

    private static string Describe(ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
        {
            return bytes.ContainsAnyExcept((byte)0) ? "bytes that are no version's" : "zeros";
        }

        var block = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        var version = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        var isWhole = IsVersion((int)block, version, false, bytes);
        return $"{(isWhole ? "whole" : "TORN")} version {version} of block {block}";
    }

    private static string? Settled(Block block)
    {
        block.Possible.Clear();
        return null;
    }

    private void Keep(int block, long version) =>
        _blocks[block].Durable = Math.Max(_blocks[block].Durable, version);

    private sealed class Block
    {
        /// <summary>The least version that it must have; 0: the image's content is right too.</summary>
        public long Durable { get; set; }

        public List<(long Version, bool IsZero)> Possible { get; } = [];

        public void Settle(long version)
        {
            Durable = version;
            Possible.RemoveAll(change => change.Version != version);
        }
    }
}
