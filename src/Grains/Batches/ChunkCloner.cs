using System.Collections.Immutable;
using Orleans;
using SnapshotGrains.Grains.Disks;

namespace SnapshotGrains.Grains.Batches;

/// <summary>Creates the disks of one chunk. Can be repeated: disks that are there are left as they are.</summary>
internal sealed class ChunkCloner(IGrainFactory grains, BatchCloneSpec spec, ChosenLayout layout)
{
    private const int MaxRounds = 5;

    /// <summary>Creates all that can be created.</summary>
    /// <returns>The others.</returns>
    /// <exception cref="SnapshotGrainsException">As <see cref="ISnapshotGrain.CloneAsync"/>, but for
    /// <see cref="ErrorCode.AlreadyExists"/>.</exception>
    /// <exception cref="TimeoutException">The names in the way changed at every attempt.</exception>
    public async Task<ImmutableArray<BatchFailure>> CloneAsync(int[] indexes, CancellationToken cancellationToken)
    {
        var failures = ImmutableArray<BatchFailure>.Empty;
        for (var round = 0; round < MaxRounds; round++)
        {
            try
            {
                await CloneAllButAsync(indexes, failures, cancellationToken);
                return failures;
            }
            catch (SnapshotGrainsException error) when (error.Code == ErrorCode.AlreadyExists)
            {
                failures = await FindConflictsAsync(indexes, cancellationToken);
            }
        }

        throw new TimeoutException(
            $"Other disks took names of this batch in each of {MaxRounds} attempts to create a chunk of it.");
    }

    private async Task CloneAllButAsync(
        int[] indexes, ImmutableArray<BatchFailure> failures, CancellationToken cancellationToken)
    {
        var free = indexes.Except(failures.Select(failure => failure.Index)).Select(spec.NameAt).ToImmutableArray();
        if (!free.IsEmpty)
        {
            await grains.GetGrain<ISnapshotGrain>(spec.Snapshot.ToString())
                .CloneAsync(
                    free, new CloneOptions(spec.Hydration, layout.ToRequest(), spec.Trace), cancellationToken);
        }
    }

    private async Task<ImmutableArray<BatchFailure>> FindConflictsAsync(
        int[] indexes, CancellationToken cancellationToken)
    {
        var known = await ExistingDisks.OfAsync(grains, indexes.Select(spec.NameAt), cancellationToken);
        return
        [
            .. from index in indexes
               let disk = known.GetValueOrDefault(spec.NameAt(index))
               let problem = disk is null ? null : NameConflict.ProblemOf(
                   disk, layout.Of(spec.Snapshot), layout.Key, isAnyFormat: layout.Format is null)
               where problem is not null
               select new BatchFailure(index, problem),
        ];
    }
}
