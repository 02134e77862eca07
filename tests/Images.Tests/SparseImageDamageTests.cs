using System.Buffers.Binary;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>
/// Shows that a malformed sparse image is a typed error that says what is wrong and where, and is never taken for an
/// image.
/// </summary>
public sealed class SparseImageDamageTests
{
    private const int Header = 24;
    private const int Record = 20;

    /// <summary>Every rule of the format, broken with good checksums where it has any.</summary>
    [Fact]
    public async Task Every_rule_is_checked()
    {
        (byte[] Bytes, string What)[] cases =
        [
            (Header1("SGSPARSX", 1, 0, 100), "at byte 0: it starts with"),
            (Header1("SGSPARSE", 2, 0, 100), "version 2"),
            (Header1("SGSPARSE", 1, 8, 100), "flags 0008"),
            (Header1("SGSPARSE", 1, 0, -1), "image size 18446744073709551615"),
            (Header1("SGSPARSE", 1, 0, (1L << 54) + 1), "image size 18014398509481985"),
            (Flipped(Header1("SGSPARSE", 1, 0, 100), 13), "checksum of the header"),
            (Image(100, Of(0, new byte[0])), "at byte 24: a record has 0 bytes"),
            (Image(100, Of(0, new byte[10], claim: (16 << 20) + 1)), "a record has 16777217 bytes"),
            (Image(100, Of(95, new byte[10])), "reaches beyond the image's 100 bytes"),
            (Image(100, Of(1UL << 63, new byte[10])), "reaches beyond"),
            (Image(100, Of(ulong.MaxValue - 1, new byte[10])), "reaches beyond"),
            (Image(100, Of(10, new byte[10]), Of(19, new byte[1])), "at byte 54: a record is at 19"),
            (Image(100, Of(50, new byte[10]), Of(10, new byte[1])), "the one before it ends at 60"),
            (Image(100, Of(0, new byte[1]), Of(0, new byte[1])), "a record is at 0"),
            (Image(100, Flipped(Of(0, new byte[10]), 3)), "checksum of a record's header"),
            (Image(100, Flipped(Of(0, new byte[10]), Record + 3)), "checksum of the record that ends here"),
            (Image(100, Of(0, new byte[10]), End(11)), "10 bytes of data came, but the end says 11"),
            (Image(100, Flipped(End(0), Record)), "checksum of the end"),
            (Image(100, Of(ulong.MaxValue, new byte[4])), "the end has 4 bytes"),
            (Image(100, End(0), [0]), "at byte 52: more bytes follow"),
            (Image(100, End(0), End(0)), "more bytes follow"),
        ];
        foreach (var (bytes, what) in cases)
        {
            var error = await RefusedAsync(bytes);
            error.Code.Should().Be(ImageErrorCode.BadRequest, what);
            error.Message.Should().Contain(what);
        }
    }

    /// <summary>Cut anywhere it is truncated, and the message says where it ends.</summary>
    [Fact]
    public async Task Every_cut_is_noticed()
    {
        var whole = Image(1000, Of(7, TestImages.Noise(1, 30)), Of(500, TestImages.Noise(2, 30)), End(60));
        for (var length = 0; length < whole.Length; length++)
        {
            var error = await RefusedAsync(whole[..length]);
            error.Code.Should().Be(ImageErrorCode.Truncated, "it is cut at {0}", length);
            error.Message.Should().Contain($"ends at byte {length},");
        }

        await DrainAsync(whole);
    }

    /// <summary>An upload that breaks off, or is malformed at its very end, leaves nothing behind.</summary>
    [Fact]
    public async Task A_malformed_image_is_not_imported()
    {
        using var directory = new TempDirectory();
        using var center = await DirectoryImageCenter.OpenAsync(directory.Path);
        var good = await SparseImages.WriteAsync(TestImages.Disk(1, 20 * TestImages.Segment), 1);
        (byte[] Bytes, ImageErrorCode Code)[] cases =
        [
            (good[..^1], ImageErrorCode.Truncated),
            (good[..(good.Length / 2)], ImageErrorCode.Truncated),
            (Flipped(good, good.Length - 1), ImageErrorCode.BadRequest),
            (Flipped(good, good.Length / 2), ImageErrorCode.BadRequest),
            ([.. good, 0], ImageErrorCode.BadRequest),
        ];
        foreach (var (bytes, code) in cases)
        {
            var import = async () => await center.ImportAsync(await RequestAsync(bytes), TestImages.Deadline);
            (await import.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(code);
            Directory.GetFiles(directory["packs"]).Should().BeEmpty();
            (await center.ListAsync(TestImages.Deadline).ToListAsync()).Should().BeEmpty();
        }

        var broken = new FailingStream(good, good.Length / 2, () => throw new IOException("wire cut"));
        var request = await RequestAsync(broken);
        var upload = async () => await center.ImportAsync(request, TestImages.Deadline);
        (await upload.Should().ThrowAsync<ImageCenterException>()).Which.Message.Should().Contain("wire cut");
    }

    /// <summary>
    /// 2,400 images altered at random, half of them with checksums put right again, each give the typed error or an
    /// image; without the checksums put right only the original itself; and none costs memory.
    /// </summary>
    [Fact]
    public async Task Random_damage_is_a_typed_error()
    {
        var buffer = new byte[4096];
        var (refused, accepted) = (0, 0);
        for (var seed = 0; seed < 2400; seed++)
        {
            var random = new Random(seed);
            var content = SparseImages.Speckled(seed, random.Next(1, 40_000));
            var good = await SparseImages.WriteAsync(content, seed, mostBytes: 3000);
            var original = await SparseImages.DrainAsync(new MemoryStream(good), buffer);
            var bad = SparseMutations.Mutate(good, random, repair: seed % 2 == 1);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                // Everything completes at once on this thread, so that what it allocates can be measured.
                var drain = SparseImages.DrainAsync(new MemoryStream(bad), buffer);
                drain.IsCompleted.Should().BeTrue("seed {0}", seed);
                var read = await drain;
                accepted++;
                (seed % 2 == 1 || read == original).Should().BeTrue("seed {0} is damaged but accepted", seed);
            }
            catch (ImageCenterException e)
            {
                refused++;
                e.Code.Should().BeOneOf([ImageErrorCode.BadRequest, ImageErrorCode.Truncated], "seed {0}", seed);
                e.Message.Should().Contain("at byte", "seed {0}", seed);
            }

            var cost = GC.GetAllocatedBytesForCurrentThread() - allocated;
            cost.Should().BeLessThan(512 * 1024, "seed {0}", seed);
        }

        refused.Should().BeGreaterThan(1800);
        accepted.Should().BeGreaterThan(20);
    }

    private static byte[] Header1(string magic, ushort version, ushort flags, long size)
    {
        var bytes = new byte[Header];
        System.Text.Encoding.ASCII.GetBytes(magic, bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), flags);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), Crc32C.Compute(bytes.AsSpan(0, 20)));
        return bytes;
    }

    private static byte[] Image(long size, params byte[][] records) =>
        [.. Header1("SGSPARSE", 1, 0, size), .. records.SelectMany(record => record)];

    private static byte[] Of(ulong offset, byte[] data, int? claim = null)
    {
        var bytes = new byte[Record + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), claim ?? data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Crc32C.Compute(data));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), Crc32C.Compute(bytes.AsSpan(0, 16)));
        data.CopyTo(bytes, Record);
        return bytes;
    }

    private static byte[] End(long total) => Of(ulong.MaxValue, BitConverter.GetBytes(total));

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 4;
        return copy;
    }

    private static Task<(long Length, Digest Digest)> DrainAsync(byte[] bytes) =>
        SparseImages.DrainAsync(new MemoryStream(bytes), new byte[TestImages.Segment]);

    private static async Task<ImageCenterException> RefusedAsync(byte[] bytes)
    {
        var drain = () => DrainAsync(bytes);
        return (await drain.Should().ThrowAsync<ImageCenterException>()).Which;
    }

    private static Task<ImportRequest> RequestAsync(byte[] bytes) => RequestAsync(new MemoryStream(bytes));

    private static async Task<ImportRequest> RequestAsync(Stream stream) => new()
    {
        Name = "disk",
        Snap = "v1",
        Reader = await SparseImageReader.OpenAsync(stream, TestImages.Deadline),
        SegmentSizeBytes = TestImages.Segment,
    };
}
