using System.Runtime.CompilerServices;

namespace SnapshotGrains.Client;

/// <summary>Follows a disk's hydration.</summary>
public static class HydrationWatch
{
    /// <summary>How often one looks where nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    /// <summary>How far a disk's hydration is, again and again, until it is ready, failed or paused.</summary>
    /// <param name="control">Who is asked.</param>
    /// <param name="disk">The disk's name.</param>
    /// <param name="interval">Pause between two looks, more than 0.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops to look.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/> or <see cref="ErrorCode.InUse"/>: it
    /// is gone, or being deleted.</exception>
    public static async IAsyncEnumerable<HydrationProgress> WatchHydrationAsync(
        this IControlPlane control,
        string disk,
        TimeSpan interval,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(control);
        using var timer = new PeriodicTimer(interval, time);
        while (true)
        {
            var progress = await control.GetHydrationAsync(disk, cancellationToken).ConfigureAwait(false);
            yield return progress;
            if (progress.State is DiskState.Ready or DiskState.Failed or DiskState.Paused)
            {
                yield break;
            }

            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
