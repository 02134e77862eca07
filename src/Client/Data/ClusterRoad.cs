using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>The road from a silo's process to the silos in other processes.</summary>
/// <param name="nodes">All silos.</param>
/// <param name="segments">Fetches from them.</param>
/// <param name="self">Where this process is reached; null while that is not known.</param>
public sealed class ClusterRoad(NodeDirectory nodes, RemoteSegments segments, Func<NodeEndpoints?> self)
{
    /// <summary>Whether the silo that should hold a segment is in another process.</summary>
    internal async ValueTask<bool> IsOwnerElsewhereAsync(SegmentKey key, CancellationToken cancellationToken)
    {
        try
        {
            return IsElsewhere((await nodes.GetAsync(cancellationToken).ConfigureAwait(false)).OwnerOf(key));
        }
        catch (SnapshotGrainsException error) when (error.IsTransient)
        {
            return false; // nobody knows: the segment's grain will say
        }
    }

    /// <summary>The same, as far as is known without asking.</summary>
    internal bool IsOwnerElsewhere(SegmentKey key) => IsElsewhere(nodes.Known?.OwnerOf(key));

    /// <summary>Leases a segment that another process has.</summary>
    internal ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, SegmentLocation? hint, FetchUrgency urgency,
        CancellationToken cancellationToken) =>
        segments.LeaseAsync(key, digest, lengthBytes, hint, urgency, cancellationToken);

    /// <summary>Has a guess loaded by the process that owns it.</summary>
    internal ValueTask<bool?> PrepareAsync(SegmentKey key, Digest digest, CancellationToken cancellationToken) =>
        segments.PrepareAsync(key, digest, cancellationToken);

    private bool IsElsewhere(NodeInfo? owner) => owner is not null && owner.Endpoints!.Http != self()?.Http;
}
