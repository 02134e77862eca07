using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.Disk;

/// <summary>
/// Shows by random use that whatever is read from the disk has its bytes: while others take its place, and after a
/// power cut at any moment.
/// </summary>
public sealed class DiskCacheModelTests : IDisposable
{
    private const int Names = 60;

    /// <summary>Where the machine's files would be, which are in memory.</summary>
    private readonly TempDirectory _place = new();

    public void Dispose() => _place.Dispose();

    /// <summary>Readers and writers at once, with three times as many segments as there is room for.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Reads_beside_evictions_return_the_right_bytes(int seed)
    {
        await using var rig = new DiskCacheRig(memorySegments: 16);
        var slow = new Random(seed);
        rig.Files.BeforeRead = _ => Linger(slow);
        rig.Files.BeforeWrite = _ => Linger(slow);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed * 100 + worker);
            for (var step = 0; step < 300; step++)
            {
                var number = (int)(Names * random.NextDouble() * random.NextDouble());
                if (random.Next(3) == 0)
                {
                    await rig.IsOnDiskAsync(number, LengthOf(number));
                }
                else
                {
                    await rig.ReadAsync(number, LengthOf(number));
                }
            }
        })));
        await rig.WrittenAsync();

        var statistics = rig.Disk.Statistics;
        (statistics.Hits, statistics.Evictions).Should().Match<(long Hits, long Evictions)>(
            counts => counts.Hits > 50 && counts.Evictions > 50, "seed {0}", seed);
        (statistics.BadCopies, statistics.Errors).Should().Be((0, 0), "seed {0}", seed);
        await using var again = DiskCache.Open(rig.Copy());
        again.Statistics.Should().BeEquivalentTo(
            new { statistics.Segments, statistics.UsedBytes }, "what is on disk is what is in memory, seed {0}", seed);
    }

    /// <summary>
    /// A machine whose power fails at a random write, and keeps any part of what was not flushed, which is all: what is
    /// found then is right or refused, and the cache works on.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task After_a_power_cut_no_wrong_byte_is_read(int seed)
    {
        var random = new Random(seed);
        var machine = new PowerLossFileSystem();
        await using var memory = new SegmentCache(
            new SegmentCacheOptions { BudgetBytes = 16 * DiskCacheRig.Length, SegmentSizeBytes = DiskCacheRig.Length });
        var (survivors, hits) = (0, 0L);
        for (var round = 0; round < 8; round++)
        {
            await using (var disk = Open(machine))
            {
                // A lost name or header would be a cold start, which shows nothing.
                machine.FlushDirectory(_place.Path);
                machine[Path.Combine(_place.Path, "segments")].Flush();
                await UseAsync(disk, memory, random, seed);
                machine = machine.Fork(random);
            }

            await using var next = Open(machine);
            survivors += next.Statistics.Segments;
            await UseAsync(next, memory, random, seed);
            hits += next.Statistics.Hits;
        }

        survivors.Should().BePositive("seed {0}", seed);
        hits.Should().BePositive("seed {0}", seed);
    }

    private DiskCache Open(IBlockFileSystem files) => DiskCache.Open(
        new DiskCacheOptions { Directory = _place.Path, LimitBytes = DiskCacheRig.Limit, Files = files });

    private static async Task UseAsync(DiskCache disk, SegmentCache memory, Random random, int seed)
    {
        for (var step = 0; step < 60; step++)
        {
            var number = random.Next(Names);
            var content = DiskCacheRig.ContentOf(number, LengthOf(number));
            var name = Digest.Compute(content);
            var bytes = new byte[content.Length];
            if (await disk.TryReadAsync(name, bytes, TestSegments.Deadline))
            {
                bytes.AsSpan().SequenceEqual(content).Should().BeTrue("seed {0}", seed);
            }

            var segment = await memory.GetOrLoadAsync(
                name, content.Length, (destination, _) =>
                {
                    content.CopyTo(destination);
                    return ValueTask.CompletedTask;
                }, TestSegments.Deadline);
            disk.Offer(segment);
            segment.Release();
        }
    }

    private static int LengthOf(int number) => 1 + number * 3001;

    private static void Linger(Random random)
    {
        lock (random)
        {
            if (random.Next(4) != 0)
            {
                return;
            }
        }

        Thread.Yield();
    }
}
