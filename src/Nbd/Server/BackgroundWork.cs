using System.Collections.Concurrent;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Lets a connection's thread wait for asynchronous calls of the back end without waiting longer than it wants, and
/// owns what is left running: the server awaits it when it stops.
/// </summary>
internal sealed class BackgroundWork
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    /// <summary>Waits for a result, at most until <paramref name="ct"/>.</summary>
    public T Wait<T>(ValueTask<T> call, CancellationToken ct)
    {
        if (call.IsCompleted)
        {
            return call.GetAwaiter().GetResult();
        }

        var task = call.AsTask();
        WaitOrLeave(task, task, ct);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for an export to open; one that opens too late is disposed.</summary>
    public INbdExport? WaitForExport(ValueTask<INbdExport?> call, CancellationToken ct)
    {
        if (call.IsCompleted)
        {
            return call.GetAwaiter().GetResult();
        }

        var task = call.AsTask();
        WaitOrLeave(task, null, ct);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Disposes an export without waiting for it.</summary>
    public void Dispose(INbdExport export) => Track(DisposeAsync(export, Task.CompletedTask));

    /// <summary>Disposes an export when its last request has ended.</summary>
    public void DisposeAfter(INbdExport export, Task idle) => Track(DisposeAsync(export, idle));

    /// <summary>Completes when nothing is left running, or at the time-out.</summary>
    public async Task WhenDoneAsync(TimeSpan timeout, TimeProvider time)
    {
        try
        {
            await Task.WhenAll(_running.Keys).WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            // A back end that does not return cannot be stopped from here.
            GC.KeepAlive(e);
        }
    }

    private void WaitOrLeave(Task task, Task? leave, CancellationToken ct)
    {
        try
        {
            task.Wait(ct);
        }
        catch (OperationCanceledException)
        {
            // Even if the task has ended meanwhile: the caller will not look at its result any more.
            Track(leave is null ? DisposeLateAsync((Task<INbdExport?>)task) : QuietAsync(leave));
            throw;
        }
        catch (AggregateException) when (task.IsCompleted)
        {
            // The caller takes the task's own exception.
            return;
        }
    }

    private void Track(Task task)
    {
        if (!task.IsCompleted)
        {
            _running.TryAdd(task, 0);
            task.ContinueWith(
                static (t, state) => ((ConcurrentDictionary<Task, byte>)state!).TryRemove(t, out _),
                _running, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static async Task DisposeLateAsync(Task<INbdExport?> opening)
    {
        await QuietAsync(opening).ConfigureAwait(false);
        if (opening.IsCompletedSuccessfully && opening.Result is { } export)
        {
            await DisposeAsync(export, Task.CompletedTask).ConfigureAwait(false);
        }
    }

    private static async Task DisposeAsync(INbdExport export, Task idle)
    {
        await idle.ConfigureAwait(false);
        await QuietAsync(DisposeExportAsync(export)).ConfigureAwait(false);
    }

    private static async Task DisposeExportAsync(INbdExport export) =>
        await export.DisposeAsync().ConfigureAwait(false);

    /// <summary>Waits for the end, however it ends: there is nobody left to tell.</summary>
    private static async Task QuietAsync(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
