using System.Buffers.Binary;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.FileSystems;

/// <summary>
/// What is needed to start is found in file systems that other people's tools made, alone and behind a partition table,
/// and nothing that is on a disk does harm.
/// </summary>
public sealed class ImageGuessTests
{
    private const int MiB = 1 << 20;

    [RequiresToolFact("mkfs.ext4")]
    public async Task Boot_files_of_ext4_are_found()
    {
        using var image = await Ext4Async();
        await CheckAsync(image, FileSystemImage.BootFiles.Keys);
    }

    [RequiresToolFact("mkfs.xfs")]
    public async Task Boot_files_of_xfs_are_found()
    {
        using var image = await XfsAsync();
        await CheckAsync(image, FileSystemImage.BootFiles.Keys);
    }

    [RequiresToolTheory("mkfs.vfat")]
    [InlineData("16", 2, 24)]
    [InlineData("32", 4, 40)]
    public async Task Boot_files_of_fat_are_found(string kind, int entryBytes, int sizeMiB)
    {
        using var image = new FileSystemImage();
        await image.MakeAsync(sizeMiB * MiB, "mkfs.vfat", "-F", kind, "-s", "1", image.Path);
        var loader = new byte[700_000];
        new Random(4).NextBytes(loader);
        var at = new FatWriter(image.Bytes, entryBytes).AddLoader(loader, gapClusters: 5000);

        var guess = await image.GuessAsync();
        var first = at / FileSystemImage.SegmentBytes;
        guess.Should().StartWith(0L).And.OnlyHaveUniqueItems().And.Contain(
            Enumerable.Range(0, 10).Select(i => (long)first + i), "the loader is there");
        guess.Count.Should().BeLessThan(30);
    }

    // A few KiB of a disk can name files of any size: looking at them ends, in memory and in time.
    [RequiresToolTheory("mkfs.vfat")]
    [InlineData(4, true)]
    [InlineData(40, false)]
    public async Task Chains_in_a_circle_are_given_up(int files, bool isGuessed)
    {
        using var image = new FileSystemImage();
        await image.MakeAsync(24 * MiB, "mkfs.vfat", "-F", "16", "-s", "1", image.Path);
        new FatWriter(image.Bytes, entryBytes: 2).AddCircles(files);
        (await image.GuessAsync()).Any().Should().Be(isGuessed);
    }

    [RequiresToolFact("mkfs.ext4")]
    public async Task Partitions_are_looked_into()
    {
        using var image = await Ext4Async();
        foreach (var table in (byte[][])[Mbr(image.Bytes.Length), Gpt(image.Bytes.Length)])
        {
            var guess = await FileSystemImage.GuessAsync((byte[])[.. table, .. image.Bytes]);
            var alone = await image.GuessAsync();
            var shift = table.Length / FileSystemImage.SegmentBytes;
            guess.Should().Equal([0, .. alone.Select(segment => segment + shift)]);
        }
    }

    // Sectors are overwritten, moved and cut off where the structures are, by seed: a guess may come or not, but no
    // exception and no segment that is not there.
    [RequiresToolFact("mkfs.ext4", "mkfs.xfs")]
    public async Task Damage_is_no_error()
    {
        using var ext4 = await Ext4Async();
        using var xfs = await XfsAsync();
        var disks = new[] { ext4.Bytes, xfs.Bytes, [.. Gpt(ext4.Bytes.Length), .. ext4.Bytes] };
        var sectors = disks.Select(UsedSectors).ToArray();
        for (var seed = 0; seed < TestTier.Pick(quick: 1000, full: 50_000); seed++)
        {
            var random = new Random(seed);
            var disk = disks[seed % disks.Length];
            var damaged = Damage(disk, sectors[seed % disks.Length], random);
            var length = random.Next(8) == 0 ? random.Next(disk.Length) : disk.Length;
            var guess = await FileSystemImage.GuessAsync(disk.AsMemory(0, length));
            damaged.ForEach(sector => sector.Good.CopyTo(disk.AsSpan(sector.Offset)));
            guess.Should().OnlyHaveUniqueItems("seed {0}", seed);
            guess.Should().NotContain(
                segment => segment < 0 || segment * FileSystemImage.SegmentBytes >= length, "seed {0}", seed);
        }
    }

    [Fact]
    public async Task Nothing_is_guessed_of_what_is_no_file_system()
    {
        (await FileSystemImage.GuessAsync(default)).Should().BeEmpty();
        (await FileSystemImage.GuessAsync(new byte[4 * MiB])).Should().BeEmpty();
        var random = new byte[4 * MiB];
        new Random(1).NextBytes(random);
        (await FileSystemImage.GuessAsync(random)).Should().BeEmpty();
    }

    private static async Task<FileSystemImage> Ext4Async()
    {
        var image = new FileSystemImage();
        image.MakeTree(hasLinks: true);
        await image.MakeAsync(24 * MiB, "mkfs.ext4", "-q", "-d", image.Tree, image.Path);
        return image;
    }

    private static async Task<FileSystemImage> XfsAsync()
    {
        var image = new FileSystemImage();
        image.MakeTree(hasLinks: false);
        await File.WriteAllTextAsync(image.Prototype, ProtoOf(image));
        await image.MakeAsync(32 * MiB, "mkfs.xfs", "--unsupported", "-q", "-p", image.Prototype, image.Path);
        return image;
    }

    /// <summary>What mkfs.xfs puts into the file system, in its own words.</summary>
    private static string ProtoOf(FileSystemImage image)
    {
        string Folder(string path, string indent) => string.Concat(
            Directory.GetDirectories(path).Order(StringComparer.Ordinal).Select(
                folder => $"{indent}{Path.GetFileName(folder)} d--755 0 0\n{Folder(folder, indent + " ")}{indent}$\n"))
            + string.Concat(Directory.GetFiles(path).Order(StringComparer.Ordinal).Select(
                file => $"{indent}{Path.GetFileName(file)} ---644 0 0 {file}\n"));

        return $"/none\n0 0\nd--755 0 0\n{Folder(image.Tree, "")}"
            + "sbin l--777 0 0 usr/lib\n$\n";
    }

    /// <summary>The first sectors that are not zero: there the structures are.</summary>
    private static int[] UsedSectors(byte[] disk) =>
    [
        .. Enumerable.Range(0, disk.Length / 512).Select(sector => sector * 512)
            .Where(offset => disk.AsSpan(offset, 512).ContainsAnyExcept((byte)0)).Take(1200),
    ];

    /// <summary>Damages some sectors, the first ones more often; returns what they were, last damage first.</summary>
    private static List<(int Offset, byte[] Good)> Damage(byte[] disk, int[] sectors, Random random)
    {
        var damaged = new List<(int, byte[])>();
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            var offset = sectors[random.Next(random.Next(1, sectors.Length))];
            damaged.Insert(0, (offset, disk[offset..(offset + 512)]));
            Damage(disk.AsSpan(offset, 512), disk.AsSpan(sectors[random.Next(sectors.Length)], 512), random);
        }

        return damaged;
    }

    private static void Damage(Span<byte> sector, ReadOnlySpan<byte> other, Random random)
    {
        var at = random.Next(sector.Length);
        switch (random.Next(4))
        {
            case 0:
                sector[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                sector[at..Math.Min(at + 8, sector.Length)].Fill((byte)(random.Next(2) * 0xff));
                break;
            case 2:
                random.NextBytes(sector[at..Math.Min(at + random.Next(64), sector.Length)]);
                break;
            default:
                other.ToArray().CopyTo(sector);
                break;
        }
    }

    private static byte[] Mbr(int bytes)
    {
        var table = new byte[MiB];
        table[450] = 0x83;
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(454), MiB / 512);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(458), bytes / 512);
        (table[510], table[511]) = (0x55, 0xaa);
        return table;
    }

    private static byte[] Gpt(int bytes)
    {
        var table = Mbr(bytes);
        table[450] = 0xee;
        "EFI PART"u8.CopyTo(table.AsSpan(512));
        BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(512 + 72), 2);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(512 + 80), 128);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(512 + 84), 128);
        var entry = table.AsSpan(1024 + 256);
        entry[0] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(entry[32..], MiB / 512);
        BinaryPrimitives.WriteInt64LittleEndian(entry[40..], ((MiB + bytes) / 512) - 1);
        return table;
    }

    private static async Task CheckAsync(FileSystemImage image, IEnumerable<string> wanted)
    {
        var guess = await image.GuessAsync();
        guess.Should().NotBeEmpty().And.OnlyHaveUniqueItems();
        guess[0].Should().Be(0);
        foreach (var path in wanted)
        {
            guess.Should().Contain(image.SegmentsOf(path, FileSystemImage.BootFiles[path]), "of {0}", path);
        }

        var video = image.SegmentsOf("home/video", FileSystemImage.OtherFiles["home/video"]).ToHashSet();
        video.Intersect(guess).Count().Should().BeLessThan(video.Count / 2, "nobody starts from a video");
    }
}
