using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Images;

/// <summary>
/// Locks between the processes, and the centers of one process, that use a directory: advisory locks on files, which
/// the operating system releases when their holder dies.
/// </summary>
internal sealed class CenterLocks(CenterLayout layout, TimeSpan timeout, TimeProvider time)
{
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>An import is alive.</summary>
    public Task<IDisposable> UseAsync(CancellationToken cancellationToken) =>
        WaitAsync(() => TryOpen(layout.UseLock, FileAccess.Read, FileShare.Read), cancellationToken);

    /// <summary>A manifest is about to be placed or removed.</summary>
    public Task<IDisposable> CommitAsync(CancellationToken cancellationToken) =>
        WaitAsync(() => TryOpen(layout.CommitLock, FileAccess.ReadWrite, FileShare.None), cancellationToken);

    /// <summary>As <see cref="CommitAsync"/>, if nobody else is about to; else null.</summary>
    public IDisposable? TryCommit() => TryOpen(layout.CommitLock, FileAccess.ReadWrite, FileShare.None);

    /// <summary>No import is alive, and none starts until this is disposed; null when one is.</summary>
    public IDisposable? TryExclude() => TryOpen(layout.UseLock, FileAccess.ReadWrite, FileShare.None);

    private static SafeFileHandle? TryOpen(string path, FileAccess access, FileShare share)
    {
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, access, share);
        }
        catch (IOException e) when (e.HResult is WouldBlockLinux or WouldBlockMac or SharingViolation)
        {
            return null;
        }
    }

    private async Task<IDisposable> WaitAsync(Func<IDisposable?> tryTake, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            if (tryTake() is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(started) > timeout)
            {
                throw new ImageCenterException(
                    ImageErrorCode.Timeout,
                    $"Another process has kept image center '{layout.Root}' locked for {timeout.TotalSeconds:0} s.");
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
