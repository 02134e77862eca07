namespace SnapshotGrains.Storage;

/// <summary>Runs one commit at a time; requests that arrive while one runs share the next (group commit).</summary>
internal sealed class CommitQueue(Action commit)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private Task _worker = Task.CompletedTask;
    private bool _isRunning;

    /// <summary>Completes when a commit that began after this call has ended; fails as it failed.</summary>
    public Task RequestAsync()
    {
        lock (_gate)
        {
            _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_isRunning)
            {
                _isRunning = true;
                _worker = Task.Run(Work);
            }

            return _next.Task;
        }
    }

    /// <summary>Starts a commit that nobody waits for, unless one runs. If it fails, the next one tells.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            if (!_isRunning)
            {
                _ = RequestAsync().ContinueWith(
                    static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default);
            }
        }
    }

    /// <summary>Completes when no commit is running. Nobody may request another.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            return _worker;
        }
    }

    private void Work()
    {
        while (TakeNext() is { } batch)
        {
            try
            {
                commit();
                batch.SetResult();
            }
            catch (Exception e)
            {
                batch.SetException(e);
            }
        }
    }

    private TaskCompletionSource? TakeNext()
    {
        lock (_gate)
        {
            var batch = _next;
            _next = null;
            _isRunning = batch is not null;
            return batch;
        }
    }
}
