namespace SnapshotGrains;

/// <summary>Limits and rules of <see cref="IReplicaCatalogGrain"/>.</summary>
public static class ReplicaCatalog
{
    /// <summary>Replicas that there may be: the catalog is written as a whole, at about 300 bytes a replica.</summary>
    public const int MaxReplicas = 10_000;

    /// <summary>
    /// The replica that a new disk is best cloned from where no stripe format is asked for: among those under
    /// <paramref name="key"/> whose build has not failed, the one of which the largest share is on disk or in the
    /// silos' caches; the oldest among equals.
    /// </summary>
    /// <param name="replicas">The snapshot's derived replicas.</param>
    /// <param name="key">The disk's key; null for none.</param>
    /// <returns>Null when there is none under that key.</returns>
    public static ReplicaId? Best(IEnumerable<ReplicaInfo> replicas, KeyRef? key) => replicas
        .Where(replica => replica.Id.Key == key && replica.State != ReplicaState.Failed)
        .OrderByDescending(ShareAtHand)
        .ThenBy(replica => replica.CreatedAt)
        .ThenBy(replica => replica.Id.ToString(), StringComparer.Ordinal)
        .FirstOrDefault()?.Id;

    /// <summary>The error of asking for a replica that is not recorded.</summary>
    public static SnapshotGrainsException NoSuchReplica(object replica) =>
        new(ErrorCode.NotFound, $"There is no replica {replica}; 'snapgrains replica ls' lists the replicas.");

    /// <summary>Segments of different formats differ in size: only shares can be compared.</summary>
    private static double ShareAtHand(ReplicaInfo replica) => replica.Segments == 0
        ? 1 : (double)Math.Max(replica.BuiltSegments, replica.ResidentSegments) / replica.Segments;
}
