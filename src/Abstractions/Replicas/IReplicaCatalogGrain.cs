using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// The record of all derived replicas. It tells the silos which of them are kept, and makes builds go on that were
/// interrupted. A replica can be read without being recorded. Key: 0.
/// </summary>
[Alias("snapgrains.IReplicaCatalogGrain")]
public interface IReplicaCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Records a replica, or adds to what is recorded: a lazy one may become eager, one that is not kept may become
    /// kept, and never the other way round. An eager one that is not <see cref="ReplicaState.Ready"/> is
    /// <see cref="ReplicaState.Building"/> from then on.
    /// </summary>
    /// <param name="replica">The replica.</param>
    /// <param name="build">When its segments are made; eager ones are kept.</param>
    /// <param name="keep">Whether its segments are kept on disk.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: a base replica, or an impossible
    /// stripe format; <see cref="ErrorCode.NoSpace"/>: there are <see cref="ReplicaCatalog.MaxReplicas"/> already.
    /// </exception>
    [Alias("Register")]
    Task<ReplicaRecord> RegisterAsync(
        ReplicaId replica, ReplicaBuild build, bool keep, CancellationToken cancellationToken);

    /// <summary>What is recorded of one replica; null when nothing is.</summary>
    [Alias("Get")]
    Task<ReplicaRecord?> GetAsync(ReplicaId replica, CancellationToken cancellationToken);

    /// <summary>
    /// The recorded replicas by name, with what is there of them; of one snapshot only, if given. How a build goes on
    /// is <see cref="IReplicaGrain"/>'s to tell.
    /// </summary>
    [Alias("Find")]
    Task<ImmutableArray<ReplicaInfo>> FindAsync(SnapshotId? snapshot, CancellationToken cancellationToken);

    /// <summary>The replicas whose segments are kept on disk.</summary>
    [Alias("ListKept")]
    Task<ImmutableArray<ReplicaId>> ListKeptAsync(CancellationToken cancellationToken);

    /// <summary>Replaces what is recorded of a replica.</summary>
    /// <returns>False when it is not recorded any more.</returns>
    [Alias("Update")]
    Task<bool> UpdateAsync(ReplicaRecord record, CancellationToken cancellationToken);

    /// <summary>Forgets a replica, and has the silos delete what they keep of it.</summary>
    /// <returns>False when it was not recorded.</returns>
    [Alias("Remove")]
    Task<bool> RemoveAsync(ReplicaId replica, CancellationToken cancellationToken);

    /// <summary>As <see cref="RemoveAsync"/>, for all replicas of a snapshot that is erased; stops their builds.
    /// </summary>
    [Alias("RemoveOf")]
    Task RemoveOfAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>
    /// Makes all builds go on that were interrupted, and has the silos delete what they keep of replicas that are
    /// gone; for a server's start.
    /// </summary>
    /// <returns>How many builds run.</returns>
    [Alias("Resume")]
    Task<int> ResumeAsync(CancellationToken cancellationToken);
}
