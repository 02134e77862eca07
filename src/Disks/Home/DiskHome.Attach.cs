using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <summary>The road of this process's readers and writers to its disks.</summary>
public sealed partial class DiskHome : IDiskPlane
{
    /// <summary>A take-over that loses to another one tries again, so often.</summary>
    private const int MaxAttempts = 8;

    /// <inheritdoc />
    public async ValueTask<VirtualDisk> AttachAsync(
        string disk, DiskAccess access, string holder, CancellationToken cancellationToken)
    {
        var intent = access == DiskAccess.ReadOnly ? DiskIntent.Read : DiskIntent.Write;
        long fenceEpoch = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var lease = await LeaseAsync(disk, intent, fenceEpoch, cancellationToken).ConfigureAwait(false);
                var open = await AcquireAsync(lease, cancellationToken).ConfigureAwait(false);
                var attachment = new Attachment(holder, access != DiskAccess.ReadOnly);
                if (open.TryAdmit(attachment, out var writer))
                {
                    return new LayeredDisk(open, attachment, _guests, () => DetachAsync(open, attachment));
                }

                await ReleaseAsync(open).ConfigureAwait(false);
                if (access != DiskAccess.TakeOver || attempt == MaxAttempts)
                {
                    throw new SnapshotGrainsException(
                        ErrorCode.InUse,
                        $"Disk '{disk}' is being written by '{writer}'; attach it for reading, or take it over.");
                }

                LogTakenOver(disk, writer!, holder);
                fenceEpoch = open.Epoch;
            }
            catch (SnapshotGrainsException error) when (error.Code == ErrorCode.Fenced && attempt < MaxAttempts)
            {
                // Somebody took it over between the lease and its use.
                fenceEpoch = 0;
            }
        }
    }

    private Task<DiskLease> LeaseAsync(
        string disk, DiskIntent intent, long fenceEpoch, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(
            () => Grains.GetGrain<IDiskGrain>(ResourceName.Check(disk, "disk"))
                .LeaseAsync(intent, fenceEpoch, cancellationToken),
            _time,
            cancellationToken);

    private async ValueTask DetachAsync(OpenDisk disk, Attachment attachment)
    {
        disk.Dismiss(attachment);
        await ReleaseAsync(disk).ConfigureAwait(false);
    }

    private async Task CompletedAsync(DiskInfo disk)
    {
        try
        {
            await GrainCalls.RepeatAsync(
                () => Grains.GetGrain<IDiskGrain>(disk.Name).CompleteAsync(disk.Id, CancellationToken.None),
                _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            // The overlay is complete all the same; whoever opens it next reports again.
            LogReportFailed(disk.Name, error.Message);
        }
    }

    private async Task FailedAsync(DiskInfo disk, string problem)
    {
        try
        {
            await GrainCalls.RepeatAsync(
                () => Grains.GetGrain<IDiskGrain>(disk.Name).FailAsync(disk.Id, problem, CancellationToken.None),
                _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error)
        {
            LogReportFailed(disk.Name, error.Message);
        }
    }

    /// <summary>The home as hydration sees it.</summary>
    private sealed class HydrationHost(DiskHome home) : IHydrationHost
    {
        public Task<DiskLease> RenewAsync(string disk, CancellationToken cancellationToken) =>
            home.LeaseAsync(disk, DiskIntent.Read, fenceEpoch: 0, cancellationToken);

        public Task<OpenDisk> AcquireAsync(DiskLease lease, CancellationToken cancellationToken) =>
            home.AcquireAsync(lease, cancellationToken);

        public ValueTask ReleaseAsync(OpenDisk disk) => home.ReleaseAsync(disk);

        public Task CompletedAsync(DiskInfo disk) => home.CompletedAsync(disk);

        public Task FailedAsync(DiskInfo disk, string problem) => home.FailedAsync(disk, problem);
    }
}
