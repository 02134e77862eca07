using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Snapshots;

/// <summary>The maps of derived replicas; each is computed once and lives as long as its snapshot's manifest.</summary>
internal static class ReplicaMaps
{
    /// <summary>Nobody has so many replicas; somebody may ask for so many.</summary>
    private const int MaxReplicas = 256;

    private static readonly ConditionalWeakTable<Manifest, ConcurrentDictionary<ReplicaId, Lazy<ReplicaMap>>> Maps = [];

    /// <exception cref="SnapshotGrainsException">The format is impossible; <see cref="ErrorCode.BadRequest"/>.
    /// </exception>
    public static ReplicaMap Of(Manifest manifest, ReplicaId replica)
    {
        var maps = Maps.GetValue(manifest, static _ => new ConcurrentDictionary<ReplicaId, Lazy<ReplicaMap>>());
        if (maps.Count >= MaxReplicas && !maps.ContainsKey(replica))
        {
            maps.Clear();
        }

        return maps.GetOrAdd(
            replica, static (id, source) => new Lazy<ReplicaMap>(() => Create(source, id)), manifest).Value;
    }

    private static ReplicaMap Create(Manifest manifest, ReplicaId replica)
    {
        var format = replica.Format!;
        if (StripeLayout.ProblemOf(format.SegmentSizeBytes, format.StripeUnitBytes, format.StripeCount) is { } problem)
        {
            throw new SnapshotGrainsException(ErrorCode.BadRequest, $"There is no replica {replica}: {problem}.");
        }

        var layout = new StripeLayout(
            format.SegmentSizeBytes, format.StripeUnitBytes, format.StripeCount, manifest.Map.SizeBytes);
        return new ReplicaMap(
            manifest.Map, layout, replica.Snapshot.ToString(), manifest.Key?.Id ?? Guid.Empty,
            replica.Key?.Id ?? Guid.Empty);
    }
}
