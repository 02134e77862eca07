using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <summary>The road of this process's readers and writers to its disks.</summary>
public sealed partial class DiskHome : IDiskPlane
{
    /// <summary>A take-over that loses to another one tries again, so often.</summary>
    private const int MaxAttempts = 8;

    /// <inheritdoc />
    public async ValueTask<VirtualDisk> AttachAsync(DiskExportName wish, CancellationToken cancellationToken)
    {
        long fenceEpoch = 0;
        for (var (attempt, isRefused) = (1, false); ; attempt++)
        {
            try
            {
                var open = await OpenAsync(wish, fenceEpoch, cancellationToken).ConfigureAwait(false);
                if (IsSuccessor(wish) && fenceEpoch == 0 && open.IsHeldBy(wish.Holder))
                {
                    // What its earlier connection still has under way must not be done after what comes now.
                    fenceEpoch = open.Epoch;
                    await ReleaseAsync(open).ConfigureAwait(false);
                    continue;
                }

                var attachment = new Attachment(wish.Holder, wish.Access != DiskAccess.ReadOnly, FormOf(wish, open));
                var (isAdmitted, writer) = await AdmitAsync(open, attachment, cancellationToken).ConfigureAwait(false);
                if (isAdmitted)
                {
                    isRefused = true; // what it is refused for from here on is not passing
                    return await EnterAsync(open, attachment, wish, cancellationToken).ConfigureAwait(false);
                }

                if (writer is null)
                {
                    throw new SnapshotGrainsException(
                        wish.IsResumed ? ErrorCode.SiloUnavailable : ErrorCode.InUse,
                        $"Disk '{wish.Disk}' is being resized; try again in a moment.");
                }

                if (wish.Access != DiskAccess.TakeOver || attempt == MaxAttempts)
                {
                    throw new SnapshotGrainsException(
                        ErrorCode.InUse,
                        $"Disk '{wish.Disk}' is being written by '{writer}'; attach it for reading, or take it over.");
                }

                LogTakenOver(wish.Disk, writer, wish.Holder);
                fenceEpoch = open.Epoch;
            }
            catch (SnapshotGrainsException error)
                when (error.Code == ErrorCode.Fenced && attempt < MaxAttempts && !isRefused)
            {
                // Somebody took it over between the lease and its use.
                fenceEpoch = 0;
            }
        }
    }

    /// <summary>
    /// A holder comes back, or one who names himself attaches anew what is stored: of that he has one connection at a
    /// time.
    /// </summary>
    private static bool IsSuccessor(DiskExportName wish) => wish.IsResumed
        || (wish is { Form: DiskForm.Stored, Writer: not null } && wish.Access != DiskAccess.ReadOnly);

    private static DiskForm FormOf(DiskExportName wish, OpenDisk disk) =>
        wish.Form == DiskForm.Ciphertext && disk.Info.Key is null ? DiskForm.Guest : wish.Form;

    private async Task<OpenDisk> OpenAsync(DiskExportName wish, long fenceEpoch, CancellationToken cancellationToken)
    {
        var intent = wish.Access == DiskAccess.ReadOnly ? DiskIntent.Read : DiskIntent.Write;
        var lease = await LeaseAsync(wish.Disk, intent, fenceEpoch, cancellationToken).ConfigureAwait(false);
        var claim = new DiskClaim(
            IsSuccessor(wish) ? wish.Holder : null, wish.Access == DiskAccess.TakeOver);
        return await AcquireAsync(lease, fenceEpoch, claim, lease.Disk.SizeBytes, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Records a writer who was admitted, and gives him the disk.</summary>
    private async ValueTask<VirtualDisk> EnterAsync(
        OpenDisk open, Attachment attachment, DiskExportName wish, CancellationToken cancellationToken)
    {
        var trace = attachment.IsGuest ? open.Follow(_traces) : null;
        var stored = new LayeredDisk(open, attachment, _guests, trace, () => DetachAsync(open, attachment));
        try
        {
            var key = open.Info.Key is { } named && attachment.Form == DiskForm.Guest
                ? await (_openKey ?? throw NotConnected())(named, cancellationToken).ConfigureAwait(false)
                : null;
            if (attachment.CanWrite)
            {
                await GrainCalls.RepeatAsync(
                    () => Grains.GetGrain<IDiskGrain>(wish.Disk).ClaimAsync(
                        open.Id, open.Epoch, wish.Writer, wish.IsResumed, cancellationToken),
                    _time, cancellationToken).ConfigureAwait(false);
            }

            if (attachment.Form == DiskForm.Stored)
            {
                return stored;
            }

            return DiskLayers.Over(stored, open.Info, key, open.Gate);
        }
        catch
        {
            await stored.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>In the disk's turn, so that nobody is let in while it is resized, deleted or fenced.</summary>
    private async Task<(bool IsAdmitted, string? Writer)> AdmitAsync(
        OpenDisk disk, Attachment attachment, CancellationToken cancellationToken)
    {
        string? writer = null;
        var isAdmitted = false;
        try
        {
            using var turn = await _turns.EnterAsync(disk.Id, cancellationToken).ConfigureAwait(false);
            isAdmitted = _open.TryGetValue(disk.Id, out var current) && current == disk
                ? disk.TryAdmit(attachment, out writer)
                : throw new SnapshotGrainsException(
                    ErrorCode.Fenced, $"Disk '{disk.Name}' was closed or taken over meanwhile; try again.");
            return (isAdmitted, writer);
        }
        finally
        {
            if (!isAdmitted)
            {
                await ReleaseAsync(disk).ConfigureAwait(false);
            }
        }
    }

    private Task<DiskLease> LeaseAsync(
        string disk, DiskIntent intent, long fenceEpoch, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(
            () => Grains.GetGrain<IDiskGrain>(ResourceName.Check(disk, "disk"))
                .LeaseAsync(intent, fenceEpoch, Process, cancellationToken),
            _time, cancellationToken);

    private async ValueTask DetachAsync(OpenDisk disk, Attachment attachment)
    {
        disk.Dismiss(attachment);
        await ReleaseAsync(disk).ConfigureAwait(false);
    }

    private void ReportCompleted(DiskInfo disk) => _reports.Add(() => ReportAsync(
        disk, grain => grain.CompleteAsync(disk.Id, CancellationToken.None)));

    private void ReportFailed(DiskInfo disk, string problem) => _reports.Add(() => ReportAsync(
        disk, grain => grain.FailAsync(disk.Id, problem, CancellationToken.None)));

    private async Task ReportAsync(DiskInfo disk, Func<IDiskGrain, Task> report)
    {
        try
        {
            await GrainCalls.RepeatAsync(
                () => report(Grains.GetGrain<IDiskGrain>(disk.Name)), GrainCalls.NotTwice, _time,
                CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception error)
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

        public void Completed(DiskInfo disk) => home.ReportCompleted(disk);

        public void Failed(DiskInfo disk, string problem) => home.ReportFailed(disk, problem);
    }
}
