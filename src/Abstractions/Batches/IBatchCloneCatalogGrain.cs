using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// Which batch clones there are: those that run, so that they go on after a crash, and the
/// <see cref="BatchCloneCatalog.MaxEnded"/> that ended last; older ones are forgotten. Key: 0.
/// </summary>
[Alias("snapgrains.IBatchCloneCatalogGrain")]
public interface IBatchCloneCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Records, durably, that an operation runs.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.InUse"/>:
    /// <see cref="BatchCloneCatalog.MaxRunning"/> run already.</exception>
    [Alias("Add")]
    Task AddAsync(string id, CancellationToken cancellationToken);

    /// <summary>Records that an operation has ended.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="disks">Disks that it dealt with without an interruption; 0: nothing was measured.</param>
    /// <param name="seconds">How long those took.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("End")]
    Task EndAsync(string id, int disks, double seconds, CancellationToken cancellationToken);

    /// <summary>All known operations: those that run, then those that ended, newest first.</summary>
    [Alias("List")]
    Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Makes all that were interrupted go on.</summary>
    /// <returns>How many run.</returns>
    [Alias("Resume")]
    Task<int> ResumeAsync(CancellationToken cancellationToken);

    /// <summary>How many disks a second recent batches created; a guess before the first.</summary>
    [Alias("GetRate")]
    Task<double> GetRateAsync(CancellationToken cancellationToken);
}
