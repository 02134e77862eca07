using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>A silo's own view of its cache and traffic. Key: the silo's address; it is placed on that silo.</summary>
[Alias("snapgrains.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Counters since the silo started.</summary>
    [Alias("Describe")]
    Task<NodeInfo> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Caps what hydration reads on this node, from now on until it restarts.</summary>
    /// <param name="bytesPerSecond">The cap, at least 64 KiB; null: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("SetHydrationLimit")]
    Task SetHydrationLimitAsync(long? bytesPerSecond, CancellationToken cancellationToken);

    /// <summary>What this silo has of derived replicas, in the order asked; null where no snapshot is there.</summary>
    [Alias("DescribeReplicas")]
    Task<ImmutableArray<ReplicaShare?>> DescribeReplicasAsync(
        ImmutableArray<ReplicaId> replicas, CancellationToken cancellationToken);

    /// <summary>Tells this silo which replicas' segments are to be kept on disk: these and no others.</summary>
    /// <param name="kept">The replicas.</param>
    /// <param name="sweep">Whether to delete what is kept of others.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("KeepReplicas")]
    Task KeepReplicasAsync(ImmutableArray<ReplicaId> kept, bool sweep, CancellationToken cancellationToken);

    /// <summary>Drops segments that are not trusted any more from this silo's cache and store.</summary>
    /// <param name="digests">The names of their content, in hexadecimal digits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("DropSegments")]
    Task DropSegmentsAsync(ImmutableArray<string> digests, CancellationToken cancellationToken);

    /// <summary>Tells this silo which silos take nothing new.</summary>
    [Alias("SetDrains")]
    Task SetDrainsAsync(NodeDrains drains, CancellationToken cancellationToken);

    /// <summary>Starts to hand over to other silos what this one has, or goes on with it.</summary>
    [Alias("HandOver")]
    Task HandOverAsync(CancellationToken cancellationToken);

    /// <summary>Takes a resident segment over from another silo, rather than from the image center.</summary>
    /// <param name="key">The segment, as <see cref="SegmentKey"/> writes it.</param>
    /// <param name="lengthBytes">Its length.</param>
    /// <param name="from">The silo that has it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("Adopt")]
    Task AdoptAsync(string key, int lengthBytes, SegmentLocation from, CancellationToken cancellationToken);

    /// <summary>
    /// Closes a disk, if this silo's process has it open under an older lease than another process of the same
    /// directory has now: the cluster may have lost track of the grain that gave it, when a node died. It stays open
    /// if somebody has it attached from whom it is not claimed.
    /// </summary>
    /// <param name="diskId">The disk.</param>
    /// <param name="epoch">The newer lease's.</param>
    /// <param name="process">Who has that.</param>
    /// <param name="claim">For whom it is wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("LetDiskGo")]
    Task LetDiskGoAsync(
        Guid diskId, long epoch, Guid process, DiskClaim claim, CancellationToken cancellationToken);
}
