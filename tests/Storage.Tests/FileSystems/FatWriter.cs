using System.Buffers.Binary;

namespace SnapshotGrains.Storage.Tests.FileSystems;

/// <summary>Puts a boot loader into an empty FAT16 or FAT32 file system, whose tool makes it without files.</summary>
internal sealed class FatWriter(byte[] disk, int entryBytes)
{
    private const int Sector = 512;

    private int Reserved => BinaryPrimitives.ReadUInt16LittleEndian(disk.AsSpan(14)) * Sector;

    private int FatBytes => Sector * (entryBytes == 2
        ? BinaryPrimitives.ReadUInt16LittleEndian(disk.AsSpan(22))
        : BinaryPrimitives.ReadInt32LittleEndian(disk.AsSpan(36)));

    private int Root => Reserved + (disk[16] * FatBytes);

    private int Data => Root + (BinaryPrimitives.ReadUInt16LittleEndian(disk.AsSpan(17)) * 32);

    /// <summary>Adds <c>EFI/BOOT/BOOTX64.EFI</c>.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="gapClusters">Clusters that are left free before it.</param>
    /// <returns>Where it begins on the disk.</returns>
    public int AddLoader(byte[] content, int gapClusters)
    {
        // FAT32 has its root directory in cluster 2.
        AddEntry(entryBytes == 2 ? Root : OffsetOf(2), "EFI        ", isFolder: true, cluster: 10, length: 0);
        AddEntry(OffsetOf(10), "BOOT       ", isFolder: true, cluster: 11, length: 0);
        Link(10, int.MaxValue);
        AddEntry(OffsetOf(11), "BOOTX64 EFI", isFolder: false, cluster: 12 + gapClusters, content.Length);
        Link(11, int.MaxValue);
        var clusters = (content.Length + Sector - 1) / Sector;
        for (var i = 0; i < clusters; i++)
        {
            var cluster = 12 + gapClusters + i;
            Link(cluster, i == clusters - 1 ? int.MaxValue : cluster + 1);
        }

        content.CopyTo(disk.AsSpan(OffsetOf(12 + gapClusters)));
        return OffsetOf(12 + gapClusters);
    }

    /// <summary>Adds files in <c>EFI</c> whose chain of clusters runs in a circle.</summary>
    public void AddCircles(int files)
    {
        AddEntry(entryBytes == 2 ? Root : OffsetOf(2), "EFI        ", isFolder: true, cluster: 10, length: 0);
        Link(10, 11);
        Link(11, 16);
        Link(16, int.MaxValue);
        Link(12, 14);
        Link(14, 12);
        for (var i = 0; i < files; i++)
        {
            AddEntry(OffsetOf(i < 16 ? 10 : i < 32 ? 11 : 16), $"FILE{i:00}  BIN", isFolder: false, 12, 8_000_000);
        }
    }

    private int OffsetOf(int cluster) => Data + ((cluster - 2) * Sector);

    private void Link(int cluster, int next)
    {
        var entry = disk.AsSpan(Reserved + (cluster * entryBytes));
        if (entryBytes == 2)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)Math.Min(next, 0xffff));
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(entry, Math.Min(next, 0x0fffffff));
        }
    }

    private void AddEntry(int at, string name, bool isFolder, int cluster, int length)
    {
        while (disk[at] != 0)
        {
            at += 32;
        }

        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(disk.AsSpan(at));
        disk[at + 11] = isFolder ? (byte)0x10 : (byte)0x20;
        BinaryPrimitives.WriteUInt16LittleEndian(disk.AsSpan(at + 26), (ushort)cluster);
        BinaryPrimitives.WriteInt32LittleEndian(disk.AsSpan(at + 28), length);
    }
}
