using SnapshotGrains.Storage;

namespace SnapshotGrains.Images.Tests;

/// <summary>Makes sparse images, and reads them through the pipeline's eyes.</summary>
internal static class SparseImages
{
    /// <summary>A content as a sparse image whose records end and begin anywhere.</summary>
    public static async Task<byte[]> WriteAsync(byte[] content, int seed, int mostBytes = 3 * TestImages.Segment)
    {
        var random = new Random(seed);
        var stream = new MemoryStream();
        var writer = new SparseImageWriter(stream);
        await writer.WriteHeaderAsync(content.Length, default);
        for (var at = 0; at < content.Length;)
        {
            var length = Math.Min(content.Length - at, random.Next(1, mostBytes));
            if (!ZeroDetector.IsZero(content.AsSpan(at, length)))
            {
                await writer.WriteAsync(at, content.AsMemory(at, length), default);
            }

            at += length;
        }

        await writer.CompleteAsync(default);
        return stream.ToArray();
    }

    /// <summary>Zeros with runs of noise, which mostly do not fill a segment.</summary>
    public static byte[] Speckled(int seed, int length)
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        for (var i = 0; i < 12; i++)
        {
            var at = random.Next(length);
            random.NextBytes(bytes.AsSpan(at, Math.Min(length - at, random.Next(1, 1 + (length / 10)))));
        }

        return bytes;
    }

    /// <summary>
    /// Reads an image to its end as an import does; what is told are the length and a digest of the data in place.
    /// </summary>
    public static async Task<(long Length, Digest Digest)> DrainAsync(Stream stream, Memory<byte> buffer)
    {
        var reader = await SparseImageReader.OpenAsync(stream, default);
        var length = reader.LengthBytes!.Value;
        var digest = default(Digest);
        long offset = 0;
        while (offset < length)
        {
            offset = await reader.FindDataAsync(offset, default) / buffer.Length * buffer.Length;
            var piece = buffer[..(int)Math.Min(buffer.Length, length - offset)];
            var got = await reader.ReadAsync(offset, piece, default);
            got.Should().Be(piece.Length);
            digest = ZeroDetector.IsZero(piece.Span) ? digest : Chain(digest, offset, piece.Span);
            offset += got;
        }

        (await reader.ReadAsync(length, buffer[..1], default)).Should().Be(0);
        return (length, digest);
    }

    private static Digest Chain(in Digest digest, long offset, ReadOnlySpan<byte> piece)
    {
        Span<byte> bytes = stackalloc byte[(2 * Digest.SizeBytes) + sizeof(long)];
        digest.CopyTo(bytes);
        Digest.Compute(piece).CopyTo(bytes[Digest.SizeBytes..]);
        BitConverter.TryWriteBytes(bytes[(2 * Digest.SizeBytes)..], offset);
        return Digest.Compute(bytes);
    }
}
