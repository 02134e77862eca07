namespace SnapshotGrains.Silo.Tests;

/// <summary>Contents of images, the same for the same seed.</summary>
internal static class TestImage
{
    public const int Segment = 1 << 20;

    /// <summary>Random bytes in which every third MiB is zero.</summary>
    public static byte[] Random(int sizeBytes, int seed = 1)
    {
        var bytes = new byte[sizeBytes];
        new Random(seed).NextBytes(bytes);
        for (var start = 0; start < sizeBytes; start += 3 * Segment)
        {
            bytes.AsSpan(start, Math.Min(Segment, sizeBytes - start)).Clear();
        }

        return bytes;
    }

    /// <summary>MiBs of <paramref name="content"/> that hold data.</summary>
    public static int DataSegments(byte[] content) =>
        content.Chunk(Segment).Count(segment => segment.AsSpan().ContainsAnyExcept((byte)0));
}
