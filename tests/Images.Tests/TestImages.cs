using SnapshotGrains.Storage;

namespace SnapshotGrains.Images.Tests;

/// <summary>Contents and images for tests; everything from a seed.</summary>
internal static class TestImages
{
    public const int Segment = 64 * 1024;

    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    /// <summary>Random bytes, with runs of zeros and repeats of earlier segments as real disks have.</summary>
    public static byte[] Disk(int seed, int length)
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        for (var at = 0; at < length; at += Segment)
        {
            var piece = bytes.AsSpan(at, Math.Min(Segment, length - at));
            switch (random.Next(4))
            {
                case 0:
                    break;
                case 1 when at >= Segment:
                    bytes.AsSpan(random.Next(at / Segment) * Segment, piece.Length).CopyTo(piece);
                    break;
                default:
                    random.NextBytes(piece);
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Random bytes without zeros or repeats.</summary>
    public static byte[] Noise(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static ImportRequest Request(byte[] content, string name = "disk", string snap = "v1") => new()
    {
        Name = name,
        Snap = snap,
        Content = new MemoryStream(content, writable: false),
        LengthBytes = content.Length,
        SegmentSizeBytes = Segment,
        Source = "disk.raw",
    };

    public static async Task<byte[]> ReadAllAsync(IImageSource source, Manifest manifest)
    {
        var fetcher = new SegmentFetcher(source);
        var bytes = new byte[manifest.Map.SizeBytes];
        new Random(1).NextBytes(bytes);
        for (long n = 0; n < manifest.Map.SegmentCount; n++)
        {
            var at = (int)(n * manifest.Map.SegmentSizeBytes);
            await fetcher.FetchAsync(manifest, n, bytes.AsMemory(at, manifest.Map.LengthOf(n)), Deadline);
        }

        return bytes;
    }

    /// <summary>Damages a file.</summary>
    public static void Flip(string path, long offset, int bit)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Span<byte> octet = stackalloc byte[1];
        RandomAccess.Read(file, octet, offset);
        octet[0] ^= (byte)(1 << bit);
        RandomAccess.Write(file, octet, offset);
    }

    public static SegmentMap MapOf(byte[] content)
    {
        var builder = new SegmentMapBuilder(Segment);
        foreach (var piece in content.Chunk(Segment))
        {
            if (piece.All(b => b == 0))
            {
                builder.AddZero();
            }
            else
            {
                builder.AddData(Digest.Compute(piece));
            }
        }

        return builder.Build(content.Length);
    }
}
