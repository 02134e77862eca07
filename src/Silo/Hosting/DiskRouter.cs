using SnapshotGrains.Client;
using SnapshotGrains.Disks;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Attaches disks that this process keeps as they are, and those that another one keeps over there.</summary>
/// <param name="home">This process's disks.</param>
/// <param name="remote">The others'.</param>
/// <param name="control">Knows which are which.</param>
/// <param name="isAlone">Whether there can be no other process.</param>
internal sealed class DiskRouter(DiskHome home, RemoteDiskPlane remote, IControlPlane control, bool isAlone)
    : IDiskPlane
{
    /// <summary>A disk may move between the question where it is and the attempt to attach it there.</summary>
    private const int MaxAttempts = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async ValueTask<VirtualDisk> AttachAsync(DiskExportName wish, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var road = await RoadOfAsync(wish, cancellationToken).ConfigureAwait(false);
                return await road.AttachAsync(wish, cancellationToken).ConfigureAwait(false);
            }
            catch (SnapshotGrainsException error)
                when (error.Code == ErrorCode.SiloUnavailable && attempt < MaxAttempts && !isAlone)
            {
                // It has moved, or its home is just starting.
                await Task.Delay(Pause * attempt, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<IDiskPlane> RoadOfAsync(DiskExportName wish, CancellationToken cancellationToken)
    {
        // Who wants the stored form has asked where the disk is: here, or he must ask again.
        if (isAlone || wish.Form == DiskForm.Stored)
        {
            return home;
        }

        var location = await control.LocateDiskAsync(wish.Disk, cancellationToken).ConfigureAwait(false);
        return location.Process == home.Process ? home : remote;
    }
}
