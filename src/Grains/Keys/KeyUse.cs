using Orleans;

namespace SnapshotGrains.Grains.Keys;

/// <summary>What is encrypted under a key.</summary>
/// <param name="Disks">Disks, those being deleted left out.</param>
/// <param name="Images">Images.</param>
internal readonly record struct KeyUse(int Disks, int Images)
{
    /// <summary>Whether anything is.</summary>
    public bool IsAny => Disks + Images > 0;

    /// <summary>Asks all shards of the disk catalog and the image center.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.ImageCenterUnavailable"/>.</exception>
    public static async Task<KeyUse> CountAsync(
        IGrainFactory grains, KeyRef key, CancellationToken cancellationToken)
    {
        var images = grains.GetGrain<IImageCatalogGrain>(0).ListAsync(cancellationToken);
        var shards = await Task.WhenAll(Enumerable.Range(0, DiskCatalog.Shards).Select(
            shard => grains.GetGrain<IDiskCatalogGrain>(shard).ListAsync(null, cancellationToken)));
        return new KeyUse(
            shards.Sum(disks => disks.Count(disk => disk.Key == key && disk.State != DiskState.Deleting)),
            (await images).Count(image => image.Key == key));
    }

    /// <summary>As <c>3 disks and 1 image</c>.</summary>
    public override string ToString() => (Disks, Images) switch
    {
        (_, 0) => Counted(Disks, "disk"),
        (0, _) => Counted(Images, "image"),
        _ => $"{Counted(Disks, "disk")} and {Counted(Images, "image")}",
    };

    private static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
