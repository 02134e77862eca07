using Microsoft.Extensions.Logging.Abstractions;
using SnapshotGrains.Grains.Replicas;
using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows whose deadline ends whose wait for a segment.</summary>
public sealed class CacheNodeTests : IAsyncLifetime
{
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(4);

    private readonly TempDirectory _directory = new();
    private readonly FakeTime _time = new();
    private ProbedImageCenter _center = null!;
    private CacheNode _node = null!;
    private SegmentKey _key = null!;
    private int _reads;

    public async Task InitializeAsync()
    {
        _center = new ProbedImageCenter(
            await DirectoryImageCenter.OpenAsync(_directory.Path, CancellationToken.None));
        const int size = GrainCluster.SegmentSize;
        var image = await _center.ImportAsync("img@1", TestImage.Random(2 * size), size);
        var manifests = new ManifestCache(_center, _time);
        var map = (await manifests.GetAsync(image, CancellationToken.None)).Map;
        _key = new SegmentKey(image, 1, map.DigestOf(1).ToString());
        _node = new CacheNode(
            new CacheNodeOptions { Name = "silo-0", CacheBytes = 1 << 20, LoadTimeout = LoadTimeout },
            manifests,
            _center,
            new DerivationInputs(
                (_, _, _, _, _) => throw new NotSupportedException(), (_, _) => throw new NotSupportedException()),
            new KeptReplicas(null!, _time),
            _time,
            NullLogger<CacheNode>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>The load that it joins had begun long before, and ends by its own time-out.</summary>
    [Fact]
    public async Task Who_joins_a_load_that_has_no_time_left_loads_again()
    {
        HangReads(1);
        var first = await BeginAsync();
        _time.Advance(Late);
        var second = await JoinAsync();

        _time.Advance(LoadTimeout - Late);

        await ShouldTimeOutAsync(first);
        await second;
        _reads.Should().Be(2);
        _node.Cache.Contains(Digest.Parse(_key.DigestHex)).Should().BeTrue();
    }

    [Fact]
    public async Task Who_loads_again_still_ends_by_his_own_deadline()
    {
        HangReads(2);
        var first = await BeginAsync();
        _time.Advance(Late);
        var second = await JoinAsync();
        _time.Advance(LoadTimeout - Late);
        await ShouldTimeOutAsync(first);
        await HaveReadAsync(2);

        _time.Advance(Late);

        await ShouldTimeOutAsync(second);
    }

    private static async Task ShouldTimeOutAsync(Task load) =>
        (await FluentActions.Awaiting(() => load).Should().ThrowAsync<SnapshotGrainsException>())
            .Which.Code.Should().Be(ErrorCode.SegmentTimeout);

    private void HangReads(int count) => _center.BeforeRead = token =>
        Interlocked.Increment(ref _reads) <= count
            ? new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, token)) : ValueTask.CompletedTask;

    private async Task<Task> BeginAsync()
    {
        var load = LoadAsync();
        await HaveReadAsync(1);
        return load;
    }

    private async Task<Task> JoinAsync()
    {
        var load = LoadAsync();
        await Eventually.IsTrueAsync(
            () => Task.FromResult(_node.Cache.Statistics.JoinedLoads == 1), "the load is joined");
        return load;
    }

    private Task LoadAsync() =>
        _node.MakeResidentAsync(_key, FetchUrgency.Of(FetchPriority.Demand), CancellationToken.None).AsTask();

    private Task HaveReadAsync(int count) => Eventually.IsTrueAsync(
        () => Task.FromResult(Volatile.Read(ref _reads) == count), $"{count} reads have begun");
}
