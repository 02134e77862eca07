using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>
/// The superblock of ext2, ext3 and ext4, as far as it says where things are (Linux kernel documentation, "ext4 Data
/// Structures and Algorithms").
/// </summary>
/// <param name="BlockBytes">Size of a block, in bytes.</param>
/// <param name="FirstDataBlock">Block of the superblock.</param>
/// <param name="InodesPerGroup">Inodes of a group.</param>
/// <param name="InodeBytes">Size of an inode, in bytes.</param>
/// <param name="DescriptorBytes">Size of a group's descriptor, in bytes.</param>
/// <param name="Groups">Number of groups.</param>
/// <param name="JournalInode">Inode of the journal; 0 for none.</param>
internal sealed record Ext4Layout(
    int BlockBytes, long FirstDataBlock, long InodesPerGroup, int InodeBytes, int DescriptorBytes, long Groups,
    uint JournalInode)
{
    /// <summary>Where the superblock is.</summary>
    public const int Offset = 1024;

    /// <summary>How long it is.</summary>
    public const int Bytes = 1024;

    private const ushort Magic = 0xef53;
    private const uint MetaGroups = 0x10;
    private const uint Wide = 0x80;

    /// <summary>Where the group descriptors begin.</summary>
    public long Descriptors => (FirstDataBlock + 1) * BlockBytes;

    /// <summary>Reads a superblock; null when it is none.</summary>
    /// <exception cref="NoGuessException">It is damaged, or we do not know how it is laid out.</exception>
    public static Ext4Layout? Read(ReadOnlySpan<byte> block)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(block[56..]) != Magic)
        {
            return null;
        }

        var shift = Word(block, 24);
        var blocksPerGroup = Word(block, 32);
        var inodesPerGroup = Word(block, 40);
        var inodeBytes = BinaryPrimitives.ReadUInt16LittleEndian(block[88..]);
        var features = Word(block, 96);
        var isWide = (features & Wide) != 0;
        var descriptor = isWide ? BinaryPrimitives.ReadUInt16LittleEndian(block[254..]) : 32;
        var blocks = Word(block, 4) + (isWide ? (long)Word(block, 336) << 32 : 0);
        if (shift > 6 || blocksPerGroup == 0 || inodesPerGroup is 0 or > 1 << 20
            || inodeBytes is < 128 or > 4096 || descriptor is < 32 or > 1024 || (features & MetaGroups) != 0
            || Word(block, 20) > 1)
        {
            throw new NoGuessException("its superblock is not one that we know");
        }

        return new Ext4Layout(
            1024 << (int)shift, Word(block, 20), inodesPerGroup, inodeBytes, descriptor,
            ((blocks - 1) / blocksPerGroup) + 1, Word(block, 224));
    }

    private static uint Word(ReadOnlySpan<byte> block, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[offset..]);
}
