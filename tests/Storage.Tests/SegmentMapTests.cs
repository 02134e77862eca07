using System.Buffers;

namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that a segment map answers as a plain list would, survives being written, and refuses damage.
/// </summary>
public sealed class SegmentMapTests
{
    private const int Segment = SegmentMap.MinSegmentSizeBytes;

    /// <summary>Random maps against a plain array of digests, before and after writing and reading.</summary>
    [Fact]
    public void Agrees_with_a_plain_list()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var (model, size, map) = Generate(seed);
            Verify(map, model, size, seed);
            var stream = new MemoryStream();
            map.WriteTo(stream);
            var writer = new ArrayBufferWriter<byte>();
            map.WriteTo(writer);
            writer.WrittenSpan.SequenceEqual(stream.ToArray()).Should().BeTrue();
            var copy = SegmentMap.Read(stream.ToArray());
            Verify(copy, model, size, seed);
            copy.ContentEquals(map).Should().BeTrue();
        }
    }

    /// <summary>Every flipped bit, every cut and every byte too many is a typed error.</summary>
    [Fact]
    public void Every_damage_is_found()
    {
        var stream = new MemoryStream();
        Generate(3).Map.WriteTo(stream);
        var good = stream.ToArray();
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = good.ToArray();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            IsRejected(bad).Should().BeTrue("bit {0} is flipped", bit);
        }

        for (var length = 0; length < good.Length; length++)
        {
            IsRejected(good[..length]).Should().BeTrue("it is cut at {0}", length);
        }

        IsRejected([.. good, 0]).Should().BeTrue();
    }

    /// <summary>A header that promises more than follows costs no memory, even if its checksum is right.</summary>
    [Theory]
    [InlineData(1L << 46, 1L << 30)]
    [InlineData(1L << 46, 0)]
    [InlineData(1L << 40, 1L << 24)]
    [InlineData(long.MaxValue, 5)]
    [InlineData(-1, 0)]
    [InlineData(65536, 2)]
    public void Hostile_headers_cost_nothing(long sizeBytes, long dataSegments)
    {
        var stream = new MemoryStream();
        var writer = new FormatWriter(stream.Write);
        writer.Write("SGSEGMAP"u8);
        writer.Write((ushort)1);
        writer.Write((ushort)0);
        writer.Write((uint)Segment);
        writer.Write(sizeBytes);
        writer.Write(dataSegments);
        writer.WriteChecksum();
        writer.Write(new byte[1000]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        IsRejected(stream.ToArray()).Should().BeTrue();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2 << 20);
    }

    /// <summary>A sparse terabyte takes a bit a segment, on disk and in memory, and answers at once.</summary>
    [Fact]
    public void A_sparse_terabyte_is_small()
    {
        var builder = new SegmentMapBuilder();
        builder.AddZero(1 << 19);
        builder.AddData(Digest.Compute("x"u8));
        builder.AddZero((1 << 19) - 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var map = builder.Build(1L << 40);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(150_000);
        map.SegmentCount.Should().Be(1 << 20);
        (map.IsZero(0), map.IsZero(1 << 19), map.NextData(0)).Should().Be((true, false, 1 << 19));
        map.NextData((1 << 19) + 1).Should().Be(map.SegmentCount);
        var stream = new MemoryStream();
        map.WriteTo(stream);
        stream.Length.Should().BeLessThan(132_000);
    }

    /// <summary>Questions about segments that do not exist, or about the digest of zeros, are errors.</summary>
    [Fact]
    public void Senseless_questions_are_refused()
    {
        var builder = new SegmentMapBuilder(Segment);
        builder.AddZero();
        var map = builder.Build(512);
        map.LengthOf(0).Should().Be(512);
        Action[] outside = [() => map.LengthOf(1), () => map.IsZero(-1), () => map.DigestOf(long.MaxValue)];
        outside.Should().AllSatisfy(ask => ask.Should().Throw<ArgumentOutOfRangeException>());
        map.Invoking(m => m.DigestOf(0)).Should().Throw<InvalidOperationException>();
        builder.Invoking(b => b.Build(Segment + 1)).Should().Throw<ArgumentOutOfRangeException>();
        foreach (var size in (int[])[0, 4096, Segment + 1, 32 << 20])
        {
            FluentActions.Invoking(() => new SegmentMapBuilder(size)).Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    private static (Digest?[] Model, long SizeBytes, SegmentMap Map) Generate(int seed)
    {
        var random = new Random(seed);
        var builder = new SegmentMapBuilder(Segment);
        var model = new Digest?[random.Next(seed < 5 ? 20 : 2000)];
        var density = random.NextDouble();
        for (var n = 0; n < model.Length; n++)
        {
            model[n] = random.NextDouble() < density ? Digest.Compute(BitConverter.GetBytes(random.Next(50))) : null;
            if (model[n] is { } digest)
            {
                builder.AddData(digest);
            }
            else
            {
                builder.AddZero();
            }
        }

        var size = model.Length == 0 ? 0 : ((model.Length - 1L) * Segment) + random.Next(1, Segment + 1);
        return (model, size, builder.Build(size));
    }

    private static void Verify(SegmentMap map, Digest?[] model, long size, int seed)
    {
        (map.SizeBytes, map.SegmentCount).Should().Be((size, model.Length));
        map.DataSegments.Should().Be(model.Count(digest => digest is not null));
        long total = 0;
        var next = map.NextData(0);
        for (var n = 0; n < model.Length; n++)
        {
            total += map.LengthOf(n);
            var digest = map.IsZero(n) ? (Digest?)null : map.DigestOf(n);
            (digest == model[n]).Should().BeTrue("seed {0}, segment {1}", seed, n);
            if (digest is not null)
            {
                next.Should().Be(n, "seed {0}", seed);
                next = map.NextData(n + 1);
            }
        }

        next.Should().Be(map.SegmentCount);
        total.Should().Be(size);
    }

    private static bool IsRejected(byte[] bytes)
    {
        try
        {
            SegmentMap.Read(bytes);
            return false;
        }
        catch (CorruptFormatException)
        {
            return true;
        }
    }
}
