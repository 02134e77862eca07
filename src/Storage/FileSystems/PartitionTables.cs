using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>Partitions of a disk: MBR, or GPT (UEFI specification, section 5).</summary>
internal static class PartitionTables
{
    private const int Sector = 512;
    private const int MaxPartitions = 128;
    private const byte Protective = 0xee;

    /// <summary>Where a disk's partitions lie; empty when it has no table.</summary>
    public static async ValueTask<IReadOnlyList<ByteRange>> ReadAsync(ImageView disk)
    {
        var first = await disk.ReadAsync(0, Sector).ConfigureAwait(false);
        if (first[510] != 0x55 || first[511] != 0xaa)
        {
            return [];
        }

        var entries = Enumerable.Range(0, 4).Select(i => first.AsMemory(446 + (i * 16), 16)).ToArray();
        return entries.Any(entry => entry.Span[4] == Protective)
            ? await ReadGptAsync(disk).ConfigureAwait(false)
            : [.. entries.Select(entry => OfMbr(entry.Span)).Where(part => disk.Holds(part.Offset, part.Length))];
    }

    private static ByteRange OfMbr(ReadOnlySpan<byte> entry) => entry[4] == 0 ? default : new ByteRange(
        (long)BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) * Sector,
        (long)BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]) * Sector);

    private static async ValueTask<IReadOnlyList<ByteRange>> ReadGptAsync(ImageView disk)
    {
        var header = await disk.ReadAsync(Sector, Sector).ConfigureAwait(false);
        if (!header.AsSpan().StartsWith("EFI PART"u8))
        {
            throw new NoGuessException("it has no partition table where its first sector says so");
        }

        var at = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(72));
        var count = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(80));
        var size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(84));
        if (count is 0 or > MaxPartitions || size is < 128 or > 4096 || at is < 2 or > long.MaxValue / Sector)
        {
            throw new NoGuessException($"its partition table has {count} entries of {size} bytes at {at}");
        }

        var table = await disk.ReadAsync(at * Sector, count * size).ConfigureAwait(false);
        return
        [
            .. Enumerable.Range(0, (int)count).Select(i => OfGpt(table.AsSpan((int)(i * size), (int)size)))
                .Where(part => disk.Holds(part.Offset, part.Length)),
        ];
    }

    private static ByteRange OfGpt(ReadOnlySpan<byte> entry) => entry[..16].ContainsAnyExcept((byte)0)
        ? Between(
            BinaryPrimitives.ReadInt64LittleEndian(entry[32..]), BinaryPrimitives.ReadInt64LittleEndian(entry[40..]))
        : default;

    private static ByteRange Between(long first, long last) =>
        first > 0 && last >= first && last < long.MaxValue / Sector
            ? new ByteRange(first * Sector, (last - first + 1) * Sector) : default;
}
