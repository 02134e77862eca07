using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>
/// The superblock of XFS, as far as it says where things are ("XFS Algorithms &amp; Data Structures").
/// </summary>
/// <param name="BlockBytes">Size of a block, in bytes.</param>
/// <param name="SectorBytes">Size of a sector, in bytes.</param>
/// <param name="InodeBytes">Size of an inode, in bytes.</param>
/// <param name="InodesPerBlockLog">Binary logarithm of the inodes in a block.</param>
/// <param name="GroupBlocks">Blocks of an allocation group.</param>
/// <param name="GroupBlocksLog">Bits of a block's number within its group.</param>
/// <param name="Groups">Number of allocation groups.</param>
/// <param name="DirectoryBytes">Size of a block of a directory, in bytes.</param>
/// <param name="RootInode">Inode of the root directory.</param>
/// <param name="LogBlock">First block of the log; 0 where that is on another device.</param>
/// <param name="HasFileTypes">Whether directories tell of what kind their entries are.</param>
internal sealed record XfsLayout(
    int BlockBytes, int SectorBytes, int InodeBytes, int InodesPerBlockLog, long GroupBlocks, int GroupBlocksLog,
    long Groups, int DirectoryBytes, long RootInode, long LogBlock, bool HasFileTypes)
{
    /// <summary>How long it is.</summary>
    public const int Bytes = 512;

    private const ushort VersionMask = 0xf;
    private const uint FileTypes4 = 0x200;

    /// <summary>Reads a superblock; null when it is none.</summary>
    /// <exception cref="NoGuessException">It is damaged, or we do not know how it is laid out.</exception>
    public static XfsLayout? Read(ReadOnlySpan<byte> block)
    {
        if (!block.StartsWith("XFSB"u8))
        {
            return null;
        }

        var (blockLog, sectorLog, inodeLog, inodesLog) = (block[120], block[121], block[122], block[123]);
        var (groupLog, directoryLog) = (block[124], block[192]);
        var version = BinaryPrimitives.ReadUInt16BigEndian(block[100..]) & VersionMask;
        var groupBlocks = BinaryPrimitives.ReadUInt32BigEndian(block[84..]);
        var groups = BinaryPrimitives.ReadUInt32BigEndian(block[88..]);
        if (blockLog is < 9 or > 16 || sectorLog is < 9 or > 15 || inodeLog is < 8 or > 11 || inodesLog > blockLog
            || groupLog is 0 or > 31 || blockLog + directoryLog > 16 || version is < 4 or > 5
            || groupBlocks == 0 || groupBlocks > 1L << groupLog || groups == 0)
        {
            throw new NoGuessException("its superblock is not one that we know");
        }

        return new XfsLayout(
            1 << blockLog, 1 << sectorLog, 1 << inodeLog, inodesLog, groupBlocks, groupLog, groups,
            1 << (blockLog + directoryLog), BinaryPrimitives.ReadInt64BigEndian(block[56..]),
            BinaryPrimitives.ReadInt64BigEndian(block[48..]),
            version == 5 || (BinaryPrimitives.ReadUInt32BigEndian(block[200..]) & FileTypes4) != 0);
    }

    /// <summary>Where a block is: its number has the group above and the place in it below. Not checked.</summary>
    public long OffsetOf(long block) => block >= 0 && GroupOf(block) < Groups && InGroup(block) < GroupBlocks
        ? ((GroupOf(block) * GroupBlocks) + InGroup(block)) * BlockBytes
        : throw new NoGuessException($"there is no block {block}");

    /// <summary>Where an inode is, likewise.</summary>
    public long OffsetOfInode(long inode) => inode > 0
        ? OffsetOf(inode >> InodesPerBlockLog) + ((inode & ((1L << InodesPerBlockLog) - 1)) * InodeBytes)
        : throw new NoGuessException($"there is no inode {inode}");

    private long GroupOf(long block) => block >> GroupBlocksLog;

    private long InGroup(long block) => block & ((1L << GroupBlocksLog) - 1);
}
