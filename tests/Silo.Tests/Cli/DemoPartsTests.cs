using System.Buffers.Binary;
using System.Text;
using SnapshotGrains.Cli.Demo;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows that what the demo measures with is sound: its disk, its guests' reads, its figures.</summary>
public sealed class DemoPartsTests
{
    [Fact]
    public async Task The_same_seed_gives_the_same_disk_and_another_seed_another()
    {
        using var directory = new TempDirectory();
        var first = await GenerateAsync(directory["a.raw"], seed: 5);
        var again = await GenerateAsync(directory["b.raw"], seed: 5);
        var other = await GenerateAsync(directory["c.raw"], seed: 6);
        first.AsSpan().SequenceEqual(again).Should().BeTrue();
        first.AsSpan().SequenceEqual(other).Should().BeFalse();
    }

    [Fact]
    public async Task The_disk_has_a_valid_partition_table_at_both_ends()
    {
        using var directory = new TempDirectory();
        var disk = await GenerateAsync(directory["a.raw"], seed: 1);
        disk.AsSpan(510, 2).ToArray().Should().Equal(0x55, 0xAA);
        foreach (var header in new[] { disk[512..604], disk[^512..^420] })
        {
            Encoding.ASCII.GetString(header, 0, 8).Should().Be("EFI PART");
            var entries = disk.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(72)) * 512, 128 * 128);
            BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(88)).Should().Be(Crc32.Of(entries));
            var crc = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16));
            header.AsSpan(16, 4).Clear();
            crc.Should().Be(Crc32.Of(header));
        }
    }

    [Fact]
    public async Task About_a_third_of_the_disk_is_zeros()
    {
        using var directory = new TempDirectory();
        var disk = await GenerateAsync(directory["a.raw"], seed: 1, size: 256 << 20);
        var zeroPages = disk.Chunk(4096).Count(page => !page.AsSpan().ContainsAnyExcept((byte)0));
        (100.0 * zeroPages * 4096 / disk.Length).Should().BeInRange(26, 46);
    }

    [Fact]
    public void The_checksum_is_the_standard_one() => Crc32.Of("123456789"u8).Should().Be(0xCBF43926);

    [Theory]
    [InlineData(512)]
    [InlineData((9 << 20) + 512)]
    [InlineData(1 << 30)]
    public void Guests_read_within_their_disk_and_always_the_same(long size)
    {
        var trace = new BootTrace(size, seed: 3);
        var reads = trace.FirstHalf(4).Concat(trace.Again(4)).Concat(trace.SecondHalf(4)).ToArray();
        reads.Should().OnlyContain(read => read.Offset >= 0 && read.Length > 0 && read.Offset + read.Length <= size);
        new BootTrace(size, seed: 3).FirstHalf(4).Should().Equal(trace.FirstHalf(4));
        new BootTrace(size, seed: 3).SecondHalf(4).Should().Equal(trace.SecondHalf(4));
    }

    [Fact]
    public void Guests_differ_but_mostly_read_the_same()
    {
        var trace = new BootTrace(1L << 30, seed: 3);
        var (one, two) = (trace.FirstHalf(0), trace.FirstHalf(1));
        one.Should().NotEqual(two);
        one.Intersect(two).Count().Should().BeGreaterThan(one.Distinct().Count() * 8 / 10);
    }

    [Fact]
    public void What_is_read_while_a_silo_dies_was_read_before()
    {
        var trace = new BootTrace(1L << 30, seed: 3);
        var before = trace.FirstHalf(0).ToHashSet();
        trace.Again(7).Should().NotBeEmpty();
        trace.Again(7).Should().OnlyContain(read => before.Contains(read), "guest 0 leaves nothing out");
    }

    [Fact]
    public void Percentiles_are_those_of_the_nearest_rank()
    {
        var latencies = new Latencies();
        for (var ms = 1000; ms >= 1; ms--)
        {
            latencies.Add(TimeSpan.FromMilliseconds(ms));
        }

        latencies.Percentile(50).TotalMilliseconds.Should().Be(500);
        latencies.Percentile(99).TotalMilliseconds.Should().Be(990);
        latencies.Percentile(99.9).TotalMilliseconds.Should().Be(999);
        latencies.Percentile(100).TotalMilliseconds.Should().Be(1000);
        new Latencies().Percentile(50).Should().Be(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(1.00, 1.40, 0, 0, true)]
    [InlineData(1.004, 1.40, 0, 0, true)]
    [InlineData(1.02, 1.40, 0, 0, false)]
    [InlineData(0.90, 1.40, 0, 0, false)]
    [InlineData(1.00, 1.41, 0, 0, false)]
    [InlineData(1.00, 1.20, 1, 0, false)]
    [InlineData(1.00, 1.20, 0, 1, false)]
    public void A_broken_promise_is_found(double before, double after, int errors, int wrong, bool isKept)
    {
        var none = new LatencyCount(0, 0, 0, 0, 0);
        var result = new DemoResult
        {
            Engine = "InProcess",
            DurationSeconds = 1,
            Image = Samples.Image,
            Clones = 1,
            CloneSeconds = 1,
            Readers = 1,
            KilledSilo = "silo-1",
            BeforeKill = new OriginCount(5000, 1000, (long)(1000 * before)),
            Total = new OriginCount(9000, 1000, (long)(1000 * after)),
            AmplificationLimit = 1.40,
            Cold = none,
            Warm = none,
            AfterKill = none,
            Silos = [],
            ReadErrors = errors,
            WrongReads = wrong,
        };
        result.BrokenPromises.Should().HaveCount(isKept ? 0 : 1);
    }

    private static async Task<byte[]> GenerateAsync(string path, ulong seed, int size = 64 << 20)
    {
        await new GeneratedDisk(size, seed).WriteAsync(path, _ => { }, CancellationToken.None);
        return await File.ReadAllBytesAsync(path);
    }
}
