using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Client;

/// <summary>Asks the grains directly: inside a silo's process, or through an Orleans client.</summary>
/// <param name="grains">Where the grains are.</param>
public sealed class GrainControlPlane(IGrainFactory grains) : IControlPlane
{
    /// <summary>How long a silo may take to describe itself before a listing goes on without it.</summary>
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public async Task<IReadOnlyList<ImageInfo>> ListImagesAsync(CancellationToken cancellationToken) =>
        await grains.GetGrain<IImageCatalogGrain>(0).ListAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<ImageInfo> GetImageAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        GrainOf(snapshot).DescribeAsync(cancellationToken);

    /// <inheritdoc />
    public Task DeleteImageAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        GrainOf(snapshot).DeleteAsync(cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DiskInfo>> CloneAsync(
        SnapshotId snapshot, IReadOnlyList<string> disks, CancellationToken cancellationToken) =>
        await GrainOf(snapshot).CloneAsync([.. disks], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DiskInfo>> ListDisksAsync(CancellationToken cancellationToken)
    {
        var shards = Enumerable.Range(0, DiskCatalog.Shards).Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard).ListAsync(null, cancellationToken));
        var disks = await Task.WhenAll(shards).ConfigureAwait(false);
        return [.. disks.SelectMany(shard => shard).OrderBy(disk => disk.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc />
    public async Task<DiskInfo> GetDiskAsync(string disk, CancellationToken cancellationToken) =>
        await ShardOf(disk).FindAsync(disk, cancellationToken).ConfigureAwait(false) ?? throw NoSuchDisk(disk);

    /// <inheritdoc />
    public async Task DeleteDiskAsync(string disk, CancellationToken cancellationToken)
    {
        if (!await ShardOf(disk).RemoveAsync(disk, cancellationToken).ConfigureAwait(false))
        {
            throw NoSuchDisk(disk);
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<NodeInfo>> ListNodesAsync(CancellationToken cancellationToken)
    {
        var hosts = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true).ConfigureAwait(false);
        var nodes = await Task.WhenAll(hosts.Keys.Select(silo => DescribeAsync(silo, cancellationToken)))
            .ConfigureAwait(false);
        return [.. nodes.OfType<NodeInfo>().OrderBy(node => node.Name, StringComparer.Ordinal)];
    }

    private static SnapshotGrainsException NoSuchDisk(string disk) =>
        new(ErrorCode.NotFound, $"There is no disk '{disk}'; 'snapgrains disk ls' lists the disks.");

    private ISnapshotGrain GrainOf(SnapshotId snapshot) => grains.GetGrain<ISnapshotGrain>(snapshot.ToString());

    private IDiskCatalogGrain ShardOf(string disk) =>
        grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(ResourceName.Check(disk, "disk")));

    /// <summary>Null when the silo died meanwhile: a listing shows the living.</summary>
    private async Task<NodeInfo?> DescribeAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<INodeGrain>(silo.ToParsableString()).DescribeAsync(cancellationToken)
                .WaitAsync(NodeTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            return null;
        }
    }
}
