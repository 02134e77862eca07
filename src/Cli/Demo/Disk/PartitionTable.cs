using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Cli.Demo;

/// <summary>
/// A GUID partition table as a real disk has it (UEFI specification 2.10, chapter 5): protective MBR, header and
/// entries at the start, their mirror image at the end. Two partitions: EFI system, and a Linux root.
/// </summary>
/// <param name="sectors">The disk's size in sectors.</param>
/// <param name="random">Where the partitions' GUIDs come from.</param>
internal sealed class PartitionTable(long sectors, SeededBytes random)
{
    /// <summary>Bytes in a sector.</summary>
    public const int SectorBytes = 512;

    /// <summary>Where the first partition starts, in sectors: 1 MiB, as every partitioning tool has it.</summary>
    public const long FirstPartition = 2048;

    /// <summary>Sectors that the table takes at either end: the header and 128 entries of 128 bytes.</summary>
    public const int TableSectors = 1 + EntrySectors;

    private const int EntrySectors = 32;
    private const int EntryBytes = 128;
    private const int HeaderBytes = 92;
    private static readonly Guid EfiSystem = new("C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
    private static readonly Guid LinuxRoot = new("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709");

    private readonly byte[] _entries = new byte[EntrySectors * SectorBytes];
    private Guid _disk;

    private long LastUsable => sectors - TableSectors - 1;

    /// <summary>What stands at the start of the disk: the protective MBR, the header, the entries.</summary>
    public byte[] Primary { get; } = new byte[(1 + TableSectors) * SectorBytes];

    /// <summary>What stands in its last sectors: the entries, the header.</summary>
    public byte[] Backup { get; } = new byte[TableSectors * SectorBytes];

    /// <summary>Fills both.</summary>
    public PartitionTable Build()
    {
        _disk = NextGuid();
        var rootStart = FirstPartition + Math.Max(2048, sectors / 32 / 2048 * 2048);
        WriteEntry(0, EfiSystem, FirstPartition, rootStart - 1, "EFI System");
        WriteEntry(1, LinuxRoot, rootStart, LastUsable, "Linux root (x86-64)");

        WriteProtectiveMbr(Primary);
        WriteHeader(Primary.AsSpan(SectorBytes), at: 1, mirror: sectors - 1, entries: 2);
        _entries.CopyTo(Primary.AsSpan(2 * SectorBytes));

        _entries.CopyTo(Backup.AsSpan());
        WriteHeader(
            Backup.AsSpan(EntrySectors * SectorBytes), at: sectors - 1, mirror: 1, entries: sectors - TableSectors);
        return this;
    }

    private void WriteProtectiveMbr(Span<byte> sector)
    {
        var entry = sector[446..];
        entry[2] = 0x02;
        entry[4] = 0xEE;
        entry[5..8].Fill(0xFF);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)Math.Min(sectors - 1, uint.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(sector[510..], 0xAA55);
    }

    private void WriteHeader(Span<byte> sector, long at, long mirror, long entries)
    {
        "EFI PART"u8.CopyTo(sector);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[8..], 0x00010000);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], HeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(sector[24..], at);
        BinaryPrimitives.WriteInt64LittleEndian(sector[32..], mirror);
        BinaryPrimitives.WriteInt64LittleEndian(sector[40..], 1 + TableSectors);
        BinaryPrimitives.WriteInt64LittleEndian(sector[48..], LastUsable);
        _disk.TryWriteBytes(sector[56..]);
        BinaryPrimitives.WriteInt64LittleEndian(sector[72..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[80..], (uint)(_entries.Length / EntryBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(sector[84..], EntryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[88..], Crc32.Of(_entries));
        BinaryPrimitives.WriteUInt32LittleEndian(sector[16..], Crc32.Of(sector[..HeaderBytes]));
    }

    private void WriteEntry(int index, Guid type, long first, long last, string name)
    {
        var entry = _entries.AsSpan(index * EntryBytes, EntryBytes);
        type.TryWriteBytes(entry);
        NextGuid().TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(entry[32..], first);
        BinaryPrimitives.WriteInt64LittleEndian(entry[40..], last);
        Encoding.Unicode.GetBytes(name, entry[56..]);
    }

    private Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        return new Guid(bytes);
    }
}
