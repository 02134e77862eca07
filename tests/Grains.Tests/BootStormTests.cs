using System.Collections.Concurrent;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// Shows that a boot storm of a thousand clones costs the image center each segment once (test catalogue 22).
/// </summary>
public sealed class BootStormTests
{
    [Theory]
    [InlineData(1000, 24)]
    public async Task A_thousand_cold_clones_cost_one_fetch_a_segment(int clones, int megabytes)
    {
        await using var cluster = await GrainCluster.StartAsync(cacheBytes: 2L * megabytes << 20);
        var content = TestImage.Random(megabytes << 20);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var names = Enumerable.Range(0, clones).Select(i => $"vm-{i}").ToArray();
        await cluster.Client.Control.CloneAsync(snapshot, names, CancellationToken.None);

        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = clones }, async (name, ct) =>
        {
            var disk = await cluster.Client.OpenDiskAsync(name, ct);
            for (var offset = 0L; offset < disk.SizeBytes;)
            {
                var slice = await disk.LeaseAsync(offset, GrainCluster.SegmentSize, ct);
                if (!Matches(slice, content.AsSpan((int)offset, slice.Length)))
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

    private static bool Matches(Client.SegmentSlice slice, ReadOnlySpan<byte> expected) => slice.Buffer is { } buffer
        ? buffer.Span.Slice(slice.Offset, slice.Length).SequenceEqual(expected)
        : !expected.ContainsAnyExcept((byte)0);
}
