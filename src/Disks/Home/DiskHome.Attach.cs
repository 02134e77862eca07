using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <summary>The road of this process's readers and writers to its disks.</summary>
public sealed partial class DiskHome : IDiskPlane
{
    /// <summary>A take-over that loses to another one tries again, so often.</summary>
    private const int MaxAttempts = 8;

    /// <inheritdoc />
    public ValueTask<VirtualDisk> AttachAsync(
        string disk, DiskAccess access, string holder, CancellationToken cancellationToken) =>
        AttachAsync(disk, access, holder, asCiphertext: false, cancellationToken);

    /// <summary>
    /// Attaches a disk as <see cref="AttachAsync(string, DiskAccess, string, CancellationToken)"/> does, or its
    /// ciphertext, for a reader elsewhere that has the key.
    /// </summary>
    /// <param name="disk">The disk's name.</param>
    /// <param name="access">For what it is attached.</param>
    /// <param name="holder">Who attaches.</param>
    /// <param name="asCiphertext">Whether to leave what is encrypted as it is; needs no key here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>; and as above.</exception>
    public async ValueTask<VirtualDisk> AttachAsync(
        string disk, DiskAccess access, string holder, bool asCiphertext, CancellationToken cancellationToken)
    {
        var intent = access == DiskAccess.ReadOnly ? DiskIntent.Read : DiskIntent.Write;
        long fenceEpoch = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var lease = await LeaseAsync(disk, intent, fenceEpoch, cancellationToken).ConfigureAwait(false);
                var open = await AcquireAsync(lease, fenceEpoch, cancellationToken).ConfigureAwait(false);
                var attachment = new Attachment(
                    holder, access != DiskAccess.ReadOnly, asCiphertext && lease.Disk.Key is not null);
                var (isAdmitted, writer) = await AdmitAsync(open, attachment, cancellationToken).ConfigureAwait(false);
                if (isAdmitted)
                {
                    var stored = new LayeredDisk(open, attachment, _guests, () => DetachAsync(open, attachment));
                    return await OverAsync(stored, open, asCiphertext, cancellationToken).ConfigureAwait(false);
                }

                if (writer is null)
                {
                    throw new SnapshotGrainsException(
                        ErrorCode.InUse, $"Disk '{disk}' is being resized; try again in a moment.");
                }

                if (access != DiskAccess.TakeOver || attempt == MaxAttempts)
                {
                    throw new SnapshotGrainsException(
                        ErrorCode.InUse,
                        $"Disk '{disk}' is being written by '{writer}'; attach it for reading, or take it over.");
                }

                LogTakenOver(disk, writer, holder);
                fenceEpoch = open.Epoch;
            }
            catch (SnapshotGrainsException error) when (error.Code == ErrorCode.Fenced && attempt < MaxAttempts)
            {
                // Somebody took it over between the lease and its use.
                fenceEpoch = 0;
            }
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
            using var turn = await EnterAsync(disk.Id, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Size of a disk whose ciphertext is attached, in bytes.</summary>
    public static long CiphertextBytesOf(DiskInfo disk) => DiskLayers.UnstripedBytesOf(disk);

    private async ValueTask<VirtualDisk> OverAsync(
        LayeredDisk stored, OpenDisk open, bool asCiphertext, CancellationToken cancellationToken)
    {
        try
        {
            var key = open.Info.Key is { } named && !asCiphertext
                ? await (_openKey ?? throw NotConnected())(named, cancellationToken).ConfigureAwait(false)
                : null;
            return DiskLayers.Over(stored, open.Info, key, open.Gate);
        }
        catch
        {
            await stored.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Task<DiskLease> LeaseAsync(
        string disk, DiskIntent intent, long fenceEpoch, CancellationToken cancellationToken) =>
        GrainCalls.RepeatAsync(
            () => Grains.GetGrain<IDiskGrain>(ResourceName.Check(disk, "disk"))
                .LeaseAsync(intent, fenceEpoch, cancellationToken),
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
                () => report(Grains.GetGrain<IDiskGrain>(disk.Name)), _time, CancellationToken.None)
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
