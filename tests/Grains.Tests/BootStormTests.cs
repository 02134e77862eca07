using System.Collections.Concurrent;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// Shows that a boot storm of a thousand clones costs the image center each segment once (test catalogue 22).
/// </summary>
public sealed class BootStormTests
{
    private const int Clones = 1000;
    private const int Megabytes = 200;
    private const int Sample = 256;

    [Fact]
    public async Task A_thousand_cold_clones_cost_one_fetch_a_segment()
    {
        await using var cluster = await GrainCluster.StartAsync(cacheBytes: (long)Megabytes << 20);
        var content = TestImage.Random(Megabytes << 20);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var names = Enumerable.Range(0, Clones).Select(i => $"vm-{i}").ToArray();
        await cluster.Client.Control.CloneAsync(
            snapshot, names, HydrationMode.Background, CancellationToken.None);

        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = Clones }, async (name, ct) =>
        {
            var disk = await cluster.Client.OpenDiskAsync(name, DiskAccess.ReadOnly, ct);
            for (var offset = 0L; offset < disk.SizeBytes;)
            {
                var slice = await disk.LeaseAsync(offset, GrainCluster.SegmentSize, ct);
                if (!Matches(slice, content.AsSpan((int)offset, slice.Length), isWhole: name == names[0]))
                {
                    wrong.Add($"{name} at {offset}");
                }

                slice.Release();
                offset += slice.Length;
            }
        });

        wrong.Should().BeEmpty();
        cluster.Center.Reads.Should().Be(TestImage.DataSegments(content));
        cluster.Center.MostReadsOfOneRange.Should().Be(1);
        cluster.Nodes.Should().AllSatisfy(
            node => node.Cache.Statistics.UsedBytes.Should().BeLessThanOrEqualTo(node.Cache.Statistics.BudgetBytes));
    }

    /// <summary>
    /// The clones share the segments' memory, so one clone compares all of it, and the others both ends of each.
    /// </summary>
    private static unsafe bool Matches(Client.DiskSlice slice, ReadOnlySpan<byte> expected, bool isWhole)
    {
        if (slice.IsZero)
        {
            return !expected.ContainsAnyExcept((byte)0);
        }

        var bytes = new ReadOnlySpan<byte>((void*)slice.Address, slice.Length);
        return isWhole
            ? bytes.SequenceEqual(expected)
            : bytes[..Sample].SequenceEqual(expected[..Sample]) && bytes[^Sample..].SequenceEqual(expected[^Sample..]);
    }
}
