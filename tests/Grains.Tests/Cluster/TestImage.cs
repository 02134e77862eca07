namespace SnapshotGrains.Grains.Tests;

/// <summary>Contents of images, the same for the same seed.</summary>
internal static class TestImage
{
    /// <summary>Random bytes in which every third segment is zero.</summary>
    public static byte[] Random(int sizeBytes, int seed = 1)
    {
        var bytes = new byte[sizeBytes];
        new Random(seed).NextBytes(bytes);
        for (var start = 0; start < sizeBytes; start += 3 * GrainCluster.SegmentSize)
        {
            bytes.AsSpan(start, Math.Min(GrainCluster.SegmentSize, sizeBytes - start)).Clear();
        }

        return bytes;
    }

    /// <summary>Segments of <paramref name="content"/> that hold data.</summary>
    public static int DataSegments(byte[] content) => content.Chunk(GrainCluster.SegmentSize)
        .Count(segment => segment.AsSpan().ContainsAnyExcept((byte)0));

    /// <summary>Reads all of a disk.</summary>
    public static async Task<byte[]> ReadAllAsync(this Client.VirtualDisk disk)
    {
        var bytes = new byte[disk.SizeBytes];
        (await disk.ReadAsync(0, bytes)).Should().Be(bytes.Length);
        return bytes;
    }
}
