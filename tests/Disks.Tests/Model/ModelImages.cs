using SnapshotGrains.Testing;

namespace SnapshotGrains.Disks.Tests;

/// <summary>The images that all runs of a silo share, of sizes that fit segments and blocks, or do not.</summary>
internal sealed class ModelImages
{
    private static readonly int[] Sizes = [64 << 10, 70_001, 200_000, (128 << 10) + 4096, (256 << 10) - 512];

    private ModelImages(IReadOnlyList<(SnapshotId Id, byte[] Content)> all) => All = all;

    public IReadOnlyList<(SnapshotId Id, byte[] Content)> All { get; }

    /// <summary>For bytes that are written; runs of one silo follow each other.</summary>
    public byte[] Input { get; } = new byte[ModelRun.MaxBytes];

    /// <summary>For bytes that are read.</summary>
    public byte[] Output { get; } = new byte[ModelRun.MaxBytes];

    /// <summary>Zeros.</summary>
    public byte[] Zeros { get; } = new byte[ModelRun.MaxBytes];

    public static async Task<ModelImages> ImportAsync(DiskSilo silo)
    {
        await silo.AddKeyAsync("a", new ScrambleCipher(11));
        await silo.AddKeyAsync("b", new ScrambleCipher(12));
        var all = new List<(SnapshotId, byte[])>();
        foreach (var size in Sizes)
        {
            var content = Content(size);
            all.Add((await silo.ImportAsync($"base-{size}@1", content), content));
        }

        return new ModelImages(all);
    }

    /// <summary>Random blocks, of which some are zero, and with some luck a whole segment of zeros.</summary>
    private static byte[] Content(int size)
    {
        var random = new Random(size);
        var content = new byte[size];
        random.NextBytes(content);
        for (var at = 0; at < size; at += ReferenceDisk.Block)
        {
            if (random.Next(4) == 0 || (at / DiskSilo.SegmentSize == 1 && size > 3 * DiskSilo.SegmentSize))
            {
                content.AsSpan(at, Math.Min(ReferenceDisk.Block, size - at)).Clear();
            }
        }

        return content;
    }
}
