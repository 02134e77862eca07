using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// Shows how segments of derived replicas come to be: right in every stripe format and under every key, once each, from
/// base segments that are fetched once, and not without their key.
/// </summary>
public sealed class DerivedSegmentTests
{
    private const int SegmentSize = GrainCluster.SegmentSize;

    public static TheoryData<string, int> Formats()
    {
        var data = new TheoryData<string, int>();
        foreach (var size in (int[])[3 * 512, 40 * SegmentSize + 512, 33 * SegmentSize])
        {
            foreach (var format in (string[])["65536-65536-1", "65536-4096-3", "131072-65536-4", "1048576-65536-4",
                "65536-65536-8"])
            {
                data.Add(format, size);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Derived_segments_hold_the_snapshot_striped_and_encrypted(string text, int size)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(size);
        var snapshot = await cluster.ImportAsync("img@1", content);
        StripeFormat.TryParse(text, out var format).Should().BeTrue();
        var key = cluster.Keys.Add("tenant-a", new ScrambleCipher(7));

        var plain = await ReplicaBytes.ReadAsync(cluster, new ReplicaId(snapshot, format));
        var encrypted = await ReplicaBytes.ReadAsync(cluster, new ReplicaId(snapshot, format, key));

        var layout = format!.LayoutOf(size);
        ReplicaBytes.Unstripe(layout, plain).Should().Equal(content);
        ReplicaBytes.Decrypt(layout, encrypted, new ScrambleCipher(7)).Should().Equal(content);
        cluster.Center.Reads.Should().Be(TestImage.DataSegments(content), "both are made of the same base segments");
    }

    [Fact]
    public async Task A_hundred_readers_of_an_encrypted_replica_cost_one_encryption_a_segment()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(32 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var key = cluster.Keys.Add("tenant-a", new ScrambleCipher(7));
        var replica = new ReplicaId(snapshot, new StripeFormat(SegmentSize, 4096, 4), key);

        var reads = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ReplicaBytes.ReadAsync(cluster, replica)));

        reads.Should().AllSatisfy(read => read.AsSpan().SequenceEqual(reads[0]).Should().BeTrue());
        var map = (await cluster.Readers.OpenAsync(replica, CancellationToken.None)).Map;
        var made = cluster.Nodes.Select(node => node.Describe("").Derivation).ToArray();
        made.Sum(node => node.SegmentsEncrypted).Should().Be(map.DataSegments);
        made.Sum(node => node.SegmentsRederived).Should().Be(0);
        cluster.Center.Reads.Should().Be(TestImage.DataSegments(content));
    }

    [Fact]
    public async Task Without_its_key_no_segment_of_a_replica_is_served()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var snapshot = await cluster.ImportAsync("img@1", TestImage.Random(4 * SegmentSize));
        var key = cluster.Keys.Add("tenant-a", new ScrambleCipher(7));
        cluster.Keys.Remove(key);

        var read = () => ReplicaBytes.ReadAsync(
            cluster, new ReplicaId(snapshot, StripeFormat.Unstriped(SegmentSize), key));

        (await read.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.KeyUnavailable);
        cluster.Center.Reads.Should().Be(0);
    }

    [Fact]
    public async Task The_columns_of_a_set_are_on_different_silos()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 4);
        var snapshot = await cluster.ImportAsync("img@1", TestImage.Random(32 * SegmentSize));
        var replica = new ReplicaId(snapshot, new StripeFormat(SegmentSize, 4096, 4));
        await ReplicaBytes.ReadAsync(cluster, replica);

        var map = (await cluster.Readers.OpenAsync(replica, CancellationToken.None)).Map;
        for (var set = 0; set < map.SegmentCount; set += 4)
        {
            var columns = Enumerable.Range(set, 4).Where(n => !map.IsZero(n)).Select(n =>
                cluster.Nodes.Single(node => node.Cache.Contains(map.DigestOf(n))).Name).ToArray();
            columns.Should().OnlyHaveUniqueItems($"those of set {set} are read at once");
        }
    }

    [Fact]
    public async Task A_cache_of_a_few_segments_derives_without_starving_itself()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 2, cacheBytes: 20 * SegmentSize);
        var content = TestImage.Random(64 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var format = new StripeFormat(SegmentSize, 4096, 8);

        var reads = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => ReplicaBytes.ReadAsync(cluster, new ReplicaId(snapshot, format))));

        reads.Should().AllSatisfy(read => ReplicaBytes.Unstripe(format.LayoutOf(content.Length), read)
            .Should().Equal(content));
    }
}
