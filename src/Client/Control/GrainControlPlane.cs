using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Client;

/// <summary>Asks the grains directly: inside a silo's process, or through an Orleans client.</summary>
/// <param name="grains">Where the grains are.</param>
/// <param name="time">The clock for back-off.</param>
public sealed partial class GrainControlPlane(IGrainFactory grains, TimeProvider time) : IControlPlane
{
    /// <summary>How long a silo may take to describe itself before a listing goes on without it.</summary>
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Of ten thousand disks, on a busy machine.</summary>
    private static readonly TimeSpan CloneTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Guests wait for the answer, and it needs no work.</summary>
    private static readonly TimeSpan LocateTimeout = TimeSpan.FromSeconds(1);

    private readonly NodeSurvey _silos = new(grains, NodeTimeout, time);

    /// <inheritdoc />
    public async Task<IReadOnlyList<ImageInfo>> ListImagesAsync(CancellationToken cancellationToken) =>
        await RepeatAsync(() => grains.GetGrain<IImageCatalogGrain>(0).ListAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task<ImageInfo> GetImageAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        RepeatAsync(() => GrainOf(snapshot).DescribeAsync(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<int> DeleteImageAsync(SnapshotId snapshot, bool isDeferred, CancellationToken cancellationToken) =>
        GrainCalls.OnceAsync(() => GrainOf(snapshot).DeleteAsync(isDeferred, cancellationToken));

    /// <inheritdoc />
    public async Task<IReadOnlyList<DiskInfo>> CloneAsync(
        SnapshotId snapshot,
        IReadOnlyList<string> disks,
        CloneOptions options,
        CancellationToken cancellationToken) =>
        await GrainCalls.RepeatAsync(
            () => GrainOf(snapshot).CloneAsync([.. disks], options, cancellationToken), CloneTimeout, time,
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DiskInfo>> ListDisksAsync(CancellationToken cancellationToken)
    {
        var shards = Enumerable.Range(0, DiskCatalog.Shards).Select(shard => RepeatAsync(
            () => grains.GetGrain<IDiskCatalogGrain>(shard).ListAsync(null, cancellationToken), cancellationToken));
        var disks = await Task.WhenAll(shards).ConfigureAwait(false);
        return [.. disks.SelectMany(shard => shard).OrderBy(disk => disk.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc />
    public async Task<DiskInfo> GetDiskAsync(string disk, CancellationToken cancellationToken) =>
        await RepeatAsync(() => ShardOf(disk).FindAsync(disk, cancellationToken), cancellationToken)
            .ConfigureAwait(false) ?? throw NoSuchDisk(disk);

    /// <inheritdoc />
    public Task<DiskLocation> LocateDiskAsync(string disk, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(
            () => GrainOf(disk).LocateAsync(cancellationToken), LocateTimeout, time, cancellationToken);

    /// <inheritdoc />
    public Task DeleteDiskAsync(string disk, CancellationToken cancellationToken) =>
        GrainCalls.OnceAsync(async () =>
        {
            await GrainOf(disk).DeleteAsync(cancellationToken).ConfigureAwait(false);
            return true;
        });

    /// <inheritdoc />
    public Task<DiskInfo> ResizeDiskAsync(string disk, long sizeBytes, CancellationToken cancellationToken) =>
        GrainCalls.OnceAsync(() => GrainOf(disk).ResizeAsync(sizeBytes, cancellationToken));

    /// <inheritdoc />
    public Task<HydrationProgress> GetHydrationAsync(string disk, CancellationToken cancellationToken) =>
        RepeatAsync(() => GrainOf(disk).GetHydrationAsync(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<DiskInfo> ControlHydrationAsync(
        string disk, HydrationCommand command, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(
            () => GrainOf(disk).ControlAsync(command, cancellationToken), GrainCalls.NotTwice, time,
            cancellationToken);

    /// <inheritdoc />
    public async Task SetHydrationLimitAsync(long? bytesPerSecond, CancellationToken cancellationToken)
    {
        var silos = await RepeatAsync(_silos.ListAsync, cancellationToken).ConfigureAwait(false);
        await GrainCalls.OnceAsync(async () =>
        {
            await Task.WhenAll(silos.Select(silo => grains.GetGrain<INodeGrain>(silo.ToParsableString())
                .SetHydrationLimitAsync(bytesPerSecond, cancellationToken))).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<DiskSnapshotProgress> SnapshotDiskAsync(
        string disk, SnapshotId snapshot, CancellationToken cancellationToken) =>
        RepeatAsync(() => GrainOf(disk).SnapshotAsync(snapshot, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<NodeInfo>> ListNodesAsync(CancellationToken cancellationToken)
    {
        var silos = await RepeatAsync(_silos.ListAsync, cancellationToken).ConfigureAwait(false);
        var nodes = await _silos.AskAsync(silos, node => node.DescribeAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return [.. nodes.Values.OrderBy(node => node.Name, StringComparer.Ordinal)];
    }

    private static SnapshotGrainsException NoSuchDisk(string disk) =>
        new(ErrorCode.NotFound, $"There is no disk '{disk}'; 'snapgrains disk ls' lists the disks.");

    private ISnapshotGrain GrainOf(SnapshotId snapshot) => grains.GetGrain<ISnapshotGrain>(snapshot.ToString());

    private IDiskCatalogGrain ShardOf(string disk) =>
        grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(ResourceName.Check(disk, "disk")));

    private IDiskGrain GrainOf(string disk) => grains.GetGrain<IDiskGrain>(ResourceName.Check(disk, "disk"));

    private Task<T> RepeatAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(call, time, cancellationToken);
}
