using SnapshotGrains.Images;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// Shows that an eager build ends with a replica that holds the snapshot, in each format and under each key, whatever
/// interrupts it; and that what does not hold it is not called ready.
/// </summary>
public sealed class ReplicaBuildTests
{
    private const int SegmentSize = GrainCluster.SegmentSize;
    private const int Odd = 40 * SegmentSize + 512;

    public static TheoryData<string, bool> Formats()
    {
        var data = new TheoryData<string, bool>();
        foreach (var format in (string[])["65536-4096-3", "131072-65536-4", "1048576-65536-4", "65536-65536-8"])
        {
            data.Add(format, true);
            data.Add(format, false);
        }

        data.Add("65536-65536-1", true);
        return data;
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_build_ends_ready_with_the_snapshots_digest_while_readers_read(string format, bool isKeyed)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(Odd);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var replica = new ReplicaId(
            snapshot, ReplicaRuns.FormatOf(format), isKeyed ? cluster.Keys.Add("a", new ScrambleCipher(7)) : null);

        var build = cluster.GrainOf(replica).BuildAsync(CancellationToken.None);
        var reads = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ReplicaBytes.ReadPlainAsync(
            cluster, replica, content.Length, isKeyed ? new ScrambleCipher(7) : null)));
        (await build).State.Should().BeOneOf(ReplicaState.Building, ReplicaState.Ready);
        var info = await cluster.EndOfBuildAsync(replica);

        reads.Should().AllSatisfy(read => read.AsSpan().SequenceEqual(content).Should().BeTrue());
        info.Should().BeEquivalentTo(new
        {
            State = ReplicaState.Ready,
            Build = ReplicaBuild.Eager,
            IsKept = true,
            BuiltSegments = info.Segments,
            SourceSegments = (long)TestImage.DataSegments(content),
            VerifiedSegments = (long)TestImage.DataSegments(content),
            Problem = (string?)null,
            Fraction = 1.0,
        });
        var manifest = await cluster.Manifests.GetAsync(snapshot, CancellationToken.None);
        info.LogicalDigest.Should().Be(LogicalDigest.Of(manifest.Map).ToString());
        cluster.Derivations().SegmentsDerived.Should().Be(info.Segments, "each was made once");
        cluster.Center.Reads.Should().Be(TestImage.DataSegments(content));
    }

    [Fact]
    public async Task A_snapshot_under_its_own_key_with_holes_is_verified_under_another()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (own, other) = (new ScrambleCipher(1), new ScrambleCipher(2));
        var (ownKey, otherKey) = (cluster.Keys.Add("own", own), cluster.Keys.Add("other", other));
        var content = TestImage.Random(9 * SegmentSize);
        own.Encrypt(content, content, 0);
        content.AsSpan(SegmentSize + 8192, 4096).Clear();
        await cluster.Center.ImportAsync(
            new ImportRequest
            {
                Name = "img",
                Snap = "1",
                Content = new MemoryStream(content),
                LengthBytes = content.Length,
                SegmentSizeBytes = SegmentSize,
                Key = new ImageKey(ownKey.Name, ownKey.Id),
            },
            CancellationToken.None);
        var snapshot = SnapshotId.Parse("img@1");

        foreach (var key in (KeyRef?[])[otherKey, ownKey, null])
        {
            var replica = new ReplicaId(snapshot, ReplicaRuns.FormatOf("65536-4096-4"), key);
            (await cluster.BuildToEndAsync(replica)).Problem.Should().BeNull();
        }
    }

    [Fact]
    public async Task After_a_restart_a_build_goes_on_and_makes_nothing_again_that_is_kept()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(store: store);
        var content = TestImage.Random(60 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var replica = new ReplicaId(snapshot, ReplicaRuns.FormatOf("65536-4096-4"));
        var reads = 0;
        cluster.Center.BeforeRead = ct => Interlocked.Increment(ref reads) <= 20
            ? ValueTask.CompletedTask : new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        await cluster.GrainOf(replica).BuildAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(
            () => Task.FromResult(reads > 20 && cluster.Replicas.Statistics.Segments > 4), "the build is held up");

        await cluster.RestartAsync();
        cluster.Center.BeforeRead = _ => ValueTask.CompletedTask;
        var kept = cluster.Replicas.Statistics.Segments;
        (await cluster.Catalog().ResumeAsync(CancellationToken.None)).Should().Be(1);
        var info = await cluster.EndOfBuildAsync(replica);

        info.State.Should().Be(ReplicaState.Ready);
        kept.Should().BePositive();
        cluster.Derivations().SegmentsDerived.Should().Be(info.Segments - kept);
        cluster.Derivations().SegmentsReloaded.Should().Be(kept, "it verifies what it had kept");
    }

    [Fact]
    public async Task A_key_that_does_not_give_back_what_it_got_fails_the_build_and_nothing_of_that_stays()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var snapshot = await cluster.ImportAsync("img@1", TestImage.Random(9 * SegmentSize));
        var key = cluster.Keys.Add("a", new LyingCipher(new ScrambleCipher(7), 4 * SegmentSize / 4096));
        var replica = new ReplicaId(snapshot, ReplicaRuns.FormatOf("65536-4096-4"), key);

        var info = await cluster.BuildToEndAsync(replica);

        info.State.Should().Be(ReplicaState.Failed);
        info.Problem.Should().Contain("segment 4").And.Contain("dropped");
        info.LogicalDigest.Should().BeNull();
        info.BuiltSegments.Should().Be(info.Segments - 4, "a segment of the snapshot lies in four of the replica");
        info.ResidentSegments.Should().Be(info.BuiltSegments);
    }

    [Fact]
    public async Task A_replica_that_does_not_fit_fails_and_says_what_to_do()
    {
        await using var cluster = await GrainCluster.StartAsync(replicaBytes: 8 * SegmentSize);
        var content = TestImage.Random(30 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var replica = new ReplicaId(snapshot, ReplicaRuns.FormatOf("65536-4096-4"));

        var info = await cluster.BuildToEndAsync(replica);

        info.State.Should().Be(ReplicaState.Failed);
        info.Problem.Should().Contain("--replica-bytes");
        (await ReplicaBytes.ReadPlainAsync(cluster, replica, content.Length, null)).Should().Equal(content);
    }

    [Fact]
    public async Task An_outage_of_the_image_center_holds_a_build_up_and_does_not_fail_it()
    {
        await using var cluster = await GrainCluster.StartAsync(readTimeout: TimeSpan.FromSeconds(1));
        var content = TestImage.Random(9 * SegmentSize);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var replica = new ReplicaId(snapshot, ReplicaRuns.FormatOf("65536-4096-4"));
        var grain = cluster.GrainOf(replica);
        cluster.Center.BeforeRead = _ => throw new IOException("the cable is out");

        await grain.BuildAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(
            async () => (await grain.DescribeAsync(CancellationToken.None)).Problem is not null, "it says why");
        (await grain.DescribeAsync(CancellationToken.None)).State.Should().Be(ReplicaState.Building);
        cluster.Center.BeforeRead = _ => ValueTask.CompletedTask;

        (await cluster.EndOfBuildAsync(replica)).State.Should().Be(ReplicaState.Ready);
    }

    /// <summary>Encrypts one sector to bytes that decrypt to others.</summary>
    private sealed class LyingCipher(ScrambleCipher inner, long sector) : ISectorCipher
    {
        public int SectorBytes => inner.SectorBytes;

        public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, long firstSector)
        {
            inner.Encrypt(plaintext, ciphertext, firstSector);
            if (sector >= firstSector && (sector - firstSector) * SectorBytes < ciphertext.Length)
            {
                ciphertext[(int)(sector - firstSector) * SectorBytes] ^= 1;
            }
        }

        public void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector) =>
            inner.Decrypt(ciphertext, plaintext, firstSector);

        public void Dispose() => inner.Dispose();
    }
}
