using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>The boot sector of FAT12, FAT16 and FAT32 (Microsoft's FAT specification; ECMA-107).</summary>
/// <param name="ClusterBytes">Size of a cluster, in bytes.</param>
/// <param name="FatOffset">Where the first table begins.</param>
/// <param name="FatBytes">Its size, in bytes.</param>
/// <param name="RootOffset">Where the root directory lies, but for FAT32.</param>
/// <param name="RootBytes">Its size, in bytes; 0 for FAT32.</param>
/// <param name="DataOffset">Where cluster 2 begins.</param>
/// <param name="Clusters">Number of clusters.</param>
/// <param name="RootCluster">Where the root directory of FAT32 begins.</param>
internal sealed record FatLayout(
    int ClusterBytes, long FatOffset, long FatBytes, long RootOffset, long RootBytes, long DataOffset, long Clusters,
    uint RootCluster)
{
    private const int EntryBytes = 32;

    /// <summary>Bits of an entry of the table: the number of clusters says which FAT it is.</summary>
    public int EntryBits => Clusters < 4085 ? 12 : Clusters < 65525 ? 16 : 32;

    /// <summary>Reads a boot sector; null when it is none.</summary>
    /// <exception cref="NoGuessException">It is damaged.</exception>
    public static FatLayout? Read(ReadOnlySpan<byte> sector, long sizeBytes)
    {
        var sectorBytes = Half(sector, 11);
        var clusterSectors = sector[13];
        var reserved = Half(sector, 14);
        var isBoot = sector[510] == 0x55 && sector[511] == 0xaa && sector[0] is 0xeb or 0xe9;
        if (!isBoot || sectorBytes is not (512 or 1024 or 2048 or 4096) || !int.IsPow2(clusterSectors)
            || reserved == 0 || sector[16] is 0 or > 4)
        {
            return null;
        }

        var fatSectors = Half(sector, 22) is not 0 and var small ? small : Word(sector, 36);
        var sectors = Half(sector, 19) is not 0 and var few ? few : Word(sector, 32);
        var root = (reserved + (sector[16] * (long)fatSectors)) * sectorBytes;
        var rootBytes = ((Half(sector, 17) * (long)EntryBytes) + sectorBytes - 1) / sectorBytes * sectorBytes;
        var data = root + rootBytes;
        var clusters = (((long)sectors * sectorBytes) - data) / (clusterSectors * sectorBytes);
        if (fatSectors == 0 || clusters <= 0 || data >= sizeBytes || (long)sectors * sectorBytes > sizeBytes)
        {
            throw new NoGuessException("its boot sector is not one that we know");
        }

        return new FatLayout(
            clusterSectors * sectorBytes, (long)reserved * sectorBytes, (long)fatSectors * sectorBytes, root, rootBytes,
            data, clusters, rootBytes == 0 ? Word(sector, 44) : 0);
    }

    private static ushort Half(ReadOnlySpan<byte> sector, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(sector[offset..]);

    private static uint Word(ReadOnlySpan<byte> sector, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(sector[offset..]);
}
