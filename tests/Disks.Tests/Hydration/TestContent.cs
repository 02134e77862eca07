namespace SnapshotGrains.Disks.Tests;

/// <summary>Contents of images, the same for the same seed.</summary>
internal static class TestContent
{
    /// <summary>Random bytes, but for whole segments of zeros where asked for.</summary>
    public static byte[] Segments(int count, int seed = 1, params int[] zeros)
    {
        var content = new byte[count * DiskSilo.SegmentSize];
        new Random(seed).NextBytes(content);
        foreach (var zero in zeros)
        {
            content.AsSpan(zero * DiskSilo.SegmentSize, DiskSilo.SegmentSize).Clear();
        }

        return content;
    }
}
