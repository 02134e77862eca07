using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <content>Giving disks to another process of the same directory, and taking them from one.</content>
public sealed partial class DiskHome
{
    /// <summary>How often an overlay is tried that another process has open.</summary>
    private const int MaxTries = 12;

    private const int ClosedAtOnce = 8;

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public IReadOnlyCollection<DiskInfo> Disks =>
        [.. _open.Values.Select(disk => disk.Info).Concat(_hydration.Disks).DistinctBy(disk => disk.Id)];

    /// <inheritdoc />
    public Task<bool> MoveAwayAsync(Guid diskId, CancellationToken cancellationToken) => TryCloseAsync(
        diskId, static disk => disk?.IsAttachedOtherwise(DiskForm.Stored) != true, cancellationToken);

    /// <inheritdoc />
    public Task LetGoAsync(Guid diskId, long epoch, DiskClaim claim, CancellationToken cancellationToken) =>
        TryCloseAsync(
            diskId, disk => disk is not null && disk.Epoch < epoch && disk.MayGoTo(claim), cancellationToken);

    /// <summary>What was asked so far of each disk that is open here, to tell later which are used.</summary>
    public IReadOnlyDictionary<Guid, long> CountRequests() =>
        _open.ToDictionary(open => open.Key, open => open.Value.Requests);

    /// <summary>
    /// Closes the disks of which nobody has asked anything since, as <see cref="MoveAwayAsync"/> does, and those that
    /// only hydrate.
    /// </summary>
    /// <param name="since">What was asked of each by then.</param>
    /// <param name="onLeft">Told of each that is closed; on any thread.</param>
    /// <param name="cancellationToken">Leaves the rest open.</param>
    public Task LeaveUnusedAsync(
        IReadOnlyDictionary<Guid, long> since, Action<DiskInfo> onLeft, CancellationToken cancellationToken)
    {
        // Side by side: one may be in the midst of something.
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = ClosedAtOnce, CancellationToken = cancellationToken,
        };
        return Parallel.ForEachAsync(Disks, options, async (info, stop) =>
        {
            try
            {
                if (await TryCloseAsync(info.Id, IsUnused, stop).ConfigureAwait(false))
                {
                    onLeft(info);
                }
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                LogNotLeft(info.Name, error.Message);
            }
        });

        bool IsUnused(OpenDisk? disk) => disk is null || (!disk.IsAttachedOtherwise(DiskForm.Stored)
            && since.TryGetValue(disk.Id, out var requests) && requests == disk.Requests);
    }

    private async Task<bool> TryCloseAsync(
        Guid diskId, Func<OpenDisk?, bool> mayGo, CancellationToken cancellationToken)
    {
        using var turn = await _turns.EnterAsync(diskId, cancellationToken).ConfigureAwait(false);
        var isOpen = _open.TryGetValue(diskId, out var disk);
        if (!mayGo(disk) || _snapshots.IsCopying(diskId))
        {
            return false;
        }

        // Also of one that is not open: it waits for its turn to be.
        await _hydration.StopAsync(diskId, cancellationToken).ConfigureAwait(false);
        if (!isOpen)
        {
            return true;
        }

        _open.TryRemove(new(diskId, disk!));

        // Whoever is sent away has what he did not flush, and writes it again there.
        disk!.Fence();
        await CloseAsync(disk).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Opens the overlay. Another process may have it open still: one that is closing it, or that knows nothing of a
    /// newer lease and is told. A lease in order makes that a matter of moments.
    /// </summary>
    /// <exception cref="OverlayException">The files are damaged, stay in use, or belong to a newer lease.</exception>
    private async Task<OverlayStore> OpenOverlayAsync(
        DiskLease lease, DiskClaim claim, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await _overlays.OpenAsync(
                    lease.Disk.Id, DiskLayers.StoredBytesOf(lease.Disk), lease.Epoch, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (OverlayBusyException error) when (error.IsElsewhere && tries < MaxTries)
            {
                await AskOthersToLetGoAsync(lease, claim, cancellationToken).ConfigureAwait(false);
            }

            await Task.Delay(TryAgainAfter, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskOthersToLetGoAsync(
        DiskLease lease, DiskClaim claim, CancellationToken cancellationToken)
    {
        var survey = new NodeSurvey(Grains, AnswerTimeout, _time);
        var silos = await GrainCalls.RepeatAsync(survey.ListAsync, _time, cancellationToken).ConfigureAwait(false);

        // Who is gone has let it go; who does not answer is asked again.
        await survey.TellAsync(
            silos,
            node => node.LetDiskGoAsync(lease.Disk.Id, lease.Epoch, Process, claim, cancellationToken),
            cancellationToken,
            (silo, error) => LogNotLetGo(lease.Disk.Name, silo.ToParsableString(), error.Message))
            .ConfigureAwait(false);
    }
}
