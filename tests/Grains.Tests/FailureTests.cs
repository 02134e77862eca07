using SnapshotGrains.Images;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that what goes wrong at the image center reaches readers as a typed error, and passes.</summary>
public sealed class FailureTests
{
    private static readonly int Size = 12 * GrainCluster.SegmentSize;

    [Fact]
    public async Task Altered_bytes_fail_that_segment_only_and_are_read_again_once_repaired()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(Size);
        var snapshot = await cluster.ImportAsync("img@1", content);
        var disk = await cluster.Client.OpenSnapshotAsync(snapshot);
        var digest = (await cluster.Client.GetSegmentMapAsync(snapshot)).DigestOf(1);
        cluster.Center.AfterRead = (offset, bytes) =>
        {
            if (offset == 0)
            {
                bytes.Span[77] ^= 1;
            }
        };

        var bytes = new byte[GrainCluster.SegmentSize];
        var failure = await FluentActions.Awaiting(async () => await disk.ReadAsync(GrainCluster.SegmentSize, bytes))
            .Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(ErrorCode.ImageCorrupt);
        failure.Which.Message.Should().Contain("img").And.Contain(digest.ToString());
        (await disk.ReadAsync(2 * GrainCluster.SegmentSize, bytes)).Should().Be(bytes.Length);
        cluster.Nodes.Sum(node => node.Describe("").Origin.DigestMismatches).Should().BePositive();

        cluster.Center.AfterRead = (_, _) => { };
        (await disk.ReadAllAsync()).Should().Equal(content);
    }

    [Fact]
    public async Task An_outage_harms_no_resident_segment_and_ends_cold_reads_by_their_deadline()
    {
        await using var cluster = await GrainCluster.StartAsync(readTimeout: TimeSpan.FromSeconds(1));
        var content = TestImage.Random(Size);
        var disk = await cluster.Client.OpenSnapshotAsync(await cluster.ImportAsync("img@1", content));
        var bytes = new byte[4096];
        await disk.ReadAsync(GrainCluster.SegmentSize, bytes);
        cluster.Center.BeforeRead = _ => throw new ImageCenterException(
            ImageErrorCode.Unavailable, "The image center is down.");

        (await disk.ReadAsync(GrainCluster.SegmentSize, bytes)).Should().Be(4096, "it is resident");
        var failure = await FluentActions.Awaiting(
                async () => await disk.ReadAsync(2 * GrainCluster.SegmentSize, bytes).AsTask()
                    .WaitAsync(TimeSpan.FromSeconds(20)))
            .Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.IsTransient.Should().BeTrue();

        cluster.Center.BeforeRead = _ => ValueTask.CompletedTask;
        (await disk.ReadAllAsync()).Should().Equal(content);
    }

    [Fact]
    public async Task A_hanging_image_center_is_given_up_at_the_deadline()
    {
        await using var cluster = await GrainCluster.StartAsync(readTimeout: TimeSpan.FromSeconds(1));
        var disk = await cluster.Client.OpenSnapshotAsync(
            await cluster.ImportAsync("img@1", TestImage.Random(Size)));
        cluster.Center.BeforeRead = ct => new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, ct));

        var failure = await FluentActions.Awaiting(
                async () => await disk.ReadAsync(GrainCluster.SegmentSize, new byte[512]).AsTask()
                    .WaitAsync(TimeSpan.FromSeconds(20)))
            .Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(ErrorCode.SegmentTimeout);
    }

    [Fact]
    public async Task Damage_is_repaired_by_importing_the_image_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var content = TestImage.Random(Size);
        var disk = await cluster.Client.OpenSnapshotAsync(await cluster.ImportAsync("img@1", content));
        var pack = Directory.EnumerateFiles(cluster.CenterPath, "*.pack", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(pack);
        bytes[77] ^= 1;
        await File.WriteAllBytesAsync(pack, bytes);
        await FluentActions.Awaiting(disk.ReadAllAsync).Should().ThrowAsync<SnapshotGrainsException>();

        await cluster.ImportAsync("img@1", content);

        (await disk.ReadAllAsync()).Should().Equal(content);
    }

    [Fact]
    public async Task An_image_center_that_is_not_mounted_is_an_outage_and_not_a_deletion()
    {
        await using var cluster = await GrainCluster.StartAsync(readTimeout: TimeSpan.FromSeconds(1));
        var content = TestImage.Random(Size);
        var snapshot = await cluster.ImportAsync("img@1", content);
        await cluster.Client.CloneAsync(snapshot, "vm");
        await (await cluster.Client.OpenDiskAsync("vm", DiskAccess.ReadOnly)).ReadAllAsync();
        Directory.Move(cluster.CenterPath, cluster.CenterPath + ".away");
        Directory.CreateDirectory(cluster.CenterPath);

        var disk = await cluster.Client.OpenDiskAsync("vm", DiskAccess.ReadOnly);

        (await disk.ReadAllAsync()).Should().Equal(content, "all of it is resident");
        var failure = await FluentActions.Awaiting(() => cluster.Client.OpenSnapshotAsync(SnapshotId.Parse("x@1")))
            .Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(ErrorCode.ImageCenterUnavailable);
    }

    [Fact]
    public async Task A_name_imported_anew_serves_the_new_content()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (old, now) = (TestImage.Random(Size, seed: 1), TestImage.Random(Size, seed: 2));
        var snapshot = await cluster.ImportAsync("img@1", old);
        (await (await cluster.Client.OpenSnapshotAsync(snapshot)).ReadAllAsync()).Should().Equal(old);

        await cluster.Client.Control.DeleteImageAsync(snapshot, isDeferred: false, CancellationToken.None);
        await cluster.ImportAsync("img@1", now);

        (await (await cluster.Client.OpenSnapshotAsync(snapshot)).ReadAllAsync()).Should().Equal(now);
    }
}
