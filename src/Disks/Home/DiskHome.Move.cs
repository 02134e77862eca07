using Orleans;
using Orleans.Runtime;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <content>Giving disks to another process of the same directory, and taking them from one.</content>
public sealed partial class DiskHome
{
    /// <summary>How often an overlay is tried that another process has open.</summary>
    private const int MaxTries = 12;

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public IReadOnlyCollection<DiskInfo> Disks =>
        [.. _open.Values.Select(disk => disk.Info).Concat(_hydration.Disks).DistinctBy(disk => disk.Id)];

    /// <inheritdoc />
    public async Task<bool> MoveAwayAsync(Guid diskId, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(diskId, cancellationToken).ConfigureAwait(false);
        var isOpen = _open.TryGetValue(diskId, out var disk);
        if (disk?.IsAttachedOtherwise(DiskForm.Stored) == true || _snapshots.IsCopying(diskId))
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
    private async Task<OverlayStore> OpenOverlayAsync(DiskLease lease, CancellationToken cancellationToken)
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
                await AskOthersToLetGoAsync(lease, cancellationToken).ConfigureAwait(false);
            }

            await Task.Delay(TryAgainAfter, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskOthersToLetGoAsync(DiskLease lease, CancellationToken cancellationToken)
    {
        var hosts = await GrainCalls.RepeatAsync(
            () => Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true), _time, cancellationToken)
            .ConfigureAwait(false);
        await Task.WhenAll(hosts.Keys.Select(silo => AskToLetGoAsync(silo, lease, cancellationToken)))
            .ConfigureAwait(false);
    }

    /// <summary>Who is gone has let it go; who does not answer is asked again.</summary>
    private async Task AskToLetGoAsync(SiloAddress silo, DiskLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await Grains.GetGrain<INodeGrain>(silo.ToParsableString())
                .LetDiskGoAsync(lease.Disk.Id, lease.Epoch, Process, cancellationToken)
                .WaitAsync(AnswerTimeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or SnapshotGrainsException)
        {
            LogNotLetGo(lease.Disk.Name, silo.ToParsableString(), error.Message);
        }
    }
}
