using SnapshotGrains.Grains.Segments;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>
/// Makes all segments of a derived replica and verifies them, one replica at a time on each silo: guests come first.
/// Segments that are kept already, because a build was interrupted, are not made again.
/// </summary>
internal sealed class ReplicaBuilder(
    ManifestCache manifests, DerivationInputs inputs, CacheNodeOptions options, ReplicaNodes nodes, TimeProvider time)
{
    private const int Parallelism = 4;

    private readonly SemaphoreSlim _places = new(1);

    /// <summary>Builds and verifies; may be repeated.</summary>
    /// <returns>The logical digest of what the replica was found to hold.</returns>
    /// <exception cref="ReplicaMismatchException">It does not hold the snapshot; what is wrong was dropped.</exception>
    /// <exception cref="SnapshotGrainsException">It cannot be made, read, or kept.</exception>
    public async Task<Digest> BuildAsync(
        ReplicaRecord record, BuildProgress progress, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var manifest = await manifests.GetCurrentAsync(record.Id.Snapshot, cancellationToken)
                .ConfigureAwait(false);
            var replica = new ReplicaSource(
                record.Id, manifest, ReplicaMaps.Of(manifest, record.Id), inputs, options.LoadTimeout, time);
            progress.Begin(replica.DataBytes + replica.SourceBytes);
            await MakeAsync(replica, progress, cancellationToken).ConfigureAwait(false);
            await CheckKeptAsync(record, cancellationToken).ConfigureAwait(false);
            return await VerifyAsync(replica, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    private Task MakeAsync(ReplicaSource replica, BuildProgress progress, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            replica.DataSegments(),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (n, token) =>
            {
                var length = replica.Map.Map.LengthOf(n);
                if (inputs.Store?.Contains(replica.Map.Map.DigestOf(n)) == true)
                {
                    progress.Skip(length);
                    return;
                }

                // Leased, not only located: what is only located stays in the cache for its reader, at guests' cost.
                using var segment = await replica.LeaseAsync(n, token).ConfigureAwait(false);
                progress.Done(length);
            });

    private async Task CheckKeptAsync(ReplicaRecord record, CancellationToken cancellationToken)
    {
        var info = (await nodes.DescribeAsync([record], cancellationToken).ConfigureAwait(false))[0];
        if (info.BuiltSegments < info.Segments)
        {
            throw new SnapshotGrainsException(
                ErrorCode.NoSpace,
                $"Only {info.BuiltSegments} of the {info.Segments} segments of replica {record.Id} are kept; give the "
                + "silos more room for replicas (--replica-bytes), free their disk, or remove other replicas, then "
                + "build it again.");
        }
    }

    private async Task<Digest> VerifyAsync(
        ReplicaSource replica, BuildProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            using var verifier = new ReplicaVerifier(replica, progress);
            return await verifier.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ReplicaMismatchException error)
        {
            await nodes.DropAsync([.. error.Suspects.Select(digest => digest.ToString())], cancellationToken)
                .ConfigureAwait(false);
            throw;
        }
    }
}
