using System.Collections.Immutable;
using System.Text.Json;
using Orleans;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Batches;

/// <summary>Says what a batch clone would do and cost, from the catalog and the snapshot's manifest.</summary>
internal sealed class BatchClonePlanner(IGrainFactory grains, ManifestCache manifests)
{
    private const long BlockBytes = OverlayStore.BlockBytes;

    /// <summary>Of the map file: an entry of 8 bytes for each block, stored twice, in journal and pages.</summary>
    private const int MapFileBytesPerBlock = 20;

    /// <summary>Of the map in memory: 256 entries of 8 bytes with their header for each MiB that has data.</summary>
    private const long MapMemoryBytesPerMebibyte = (256 * 8) + 24;

    /// <summary>The same for each GiB: 1,024 references, with header.</summary>
    private const long MapMemoryBytesPerGibibyte = (1024 * 8) + 24 + 8;

    /// <summary>A disk's lease, with its key, once the disk has been used.</summary>
    private const int LeaseBytes = 96;

    /// <exception cref="SnapshotGrainsException">As <see cref="IBatchCloneGrain.PlanAsync"/>.</exception>
    public async Task<BatchClonePlan> PlanAsync(BatchCloneSpec spec, CancellationToken cancellationToken)
    {
        spec.Check();
        var manifest = await manifests.GetCurrentAsync(spec.Snapshot, cancellationToken);
        var layout = await grains.GetGrain<ISnapshotGrain>(spec.Snapshot.ToString())
            .ResolveAsync(spec.Layout, cancellationToken);
        var names = Enumerable.Range(0, spec.Total).Select(spec.NameAt).ToArray();
        var known = await ExistingDisks.OfAsync(grains, names, cancellationToken);
        var rate = await grains.GetGrain<IBatchCloneCatalogGrain>(0).GetRateAsync(cancellationToken);
        var conflicts = names
            .Where(name => known.TryGetValue(name, out var disk)
                && NameConflict.ProblemOf(
                    disk, layout.Of(spec.Snapshot), layout.Key, spec.Layout is not { HasFormat: true }) is not null)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var disks = names.Where(name => !known.ContainsKey(name)).ToArray();
        return Plan(spec, layout, manifest, disks, rate) with
        {
            AlreadyThere = names.Length - disks.Length - conflicts.Length,
            Conflicts = conflicts.Length,
            ConflictingDisks = [.. conflicts.Take(BatchClonePlan.MaxConflictsListed)],
        };
    }

    private static BatchClonePlan Plan(
        BatchCloneSpec spec, ChosenLayout layout, Manifest manifest, string[] disks, double rate)
    {
        var map = manifest.Map;
        var dataBytes = DataBytesOf(map, map.DataSegments);
        return new BatchClonePlan(
            disks.Length,
            AlreadyThere: 0,
            Conflicts: 0,
            [],
            map.SizeBytes,
            dataBytes,
            disks.Sum(name => StateBytesOf(spec, layout, map, name)),
            disks.Length * OverlayBytesOf(dataBytes),
            disks.Length == 0 ? 0 : DataBytesOf(map, manifest.DistinctSegments),
            disks.Length == 0 ? 0 : SegmentMapBytesOf(map) + (disks.Length * MapMemoryBytesOf(map, dataBytes)),
            disks.Length / rate);
    }

    /// <summary>Bytes of so many data segments; the last segment of an image may be short.</summary>
    private static long DataBytesOf(SegmentMap map, long segments)
    {
        var last = map.SegmentCount - 1;
        var missing = last < 0 || map.IsZero(last) ? 0 : map.SegmentSizeBytes - map.LengthOf(last);
        return (segments * map.SegmentSizeBytes) - missing;
    }

    /// <summary>The catalog's entry as JSON, as our storage keeps it, and the disk's lease.</summary>
    private static long StateBytesOf(BatchCloneSpec spec, ChosenLayout layout, SegmentMap map, string name)
    {
        var disk = new DiskInfo(
            name, spec.Snapshot, map.SizeBytes, map.SegmentSizeBytes, DiskState.LazyLoading, default, default,
            spec.Hydration, Format: layout.Format, Key: layout.Key);
        const int FractionOfSecond = 8; // what a time that is not a whole second takes more
        const int Punctuation = 4;
        return JsonSerializer.SerializeToUtf8Bytes(disk, ApiJson.Options).Length + FractionOfSecond
            + name.Length + Punctuation + LeaseBytes;
    }

    private static long OverlayBytesOf(long dataBytes)
    {
        var blocks = (dataBytes + BlockBytes - 1) / BlockBytes;
        return blocks * (BlockBytes + MapFileBytesPerBlock);
    }

    private static long MapMemoryBytesOf(SegmentMap map, long dataBytes) =>
        (UnitsOf(map.SizeBytes, 1L << 30) * MapMemoryBytesPerGibibyte)
        + (UnitsOf(dataBytes, 1L << 20) * MapMemoryBytesPerMebibyte);

    /// <summary>One for all disks: a digest for each data segment and a bit for each segment, with an index.</summary>
    private static long SegmentMapBytesOf(SegmentMap map) => (map.DataSegments * 32) + (map.SegmentCount * 9 / 64);

    private static long UnitsOf(long bytes, long unit) => (bytes + unit - 1) / unit;
}
