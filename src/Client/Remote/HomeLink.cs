using SnapshotGrains.Nbd;

namespace SnapshotGrains.Client;

/// <summary>
/// Keeps a connection to the process that keeps a disk, wherever that is: probes it, and when it is gone finds the
/// disk's home anew, as often as it takes. It ends for good when the disk is gone or somebody else writes to it.
/// </summary>
internal sealed class HomeLink : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMilliseconds(500);

    private readonly DiskExportName _name;
    private readonly IHomeFinder _finder;
    private readonly Func<HomeConnection, Task> _replay;
    private readonly RemoteDiskOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource<HomeConnection> _next = NewPromise();
    private HomeConnection? _current;
    private SnapshotGrainsException? _end;
    private Task _keeping = Task.CompletedTask;
    private long _lastHeard;

    /// <param name="name">The disk, and how it is attached.</param>
    /// <param name="finder">Finds its home.</param>
    /// <param name="replay">Does again, on a new connection, what the home may have forgotten.</param>
    /// <param name="options">Deadlines.</param>
    public HomeLink(
        DiskExportName name, IHomeFinder finder, Func<HomeConnection, Task> replay, RemoteDiskOptions options)
    {
        (_name, _finder, _replay, _options) = (name, finder, replay, options);
    }

    /// <summary>Cancelled when it has ended for good.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Whether the home may be trusted to have told if another writer had come.</summary>
    public bool IsCurrent => _options.Time.GetElapsedTime(Volatile.Read(ref _lastHeard)) < _options.ReadAlone;

    /// <summary>Connects for the first time; errors are the caller's.</summary>
    public async Task<NbdExportInfo> OpenAsync(CancellationToken cancellationToken)
    {
        var home = await _finder.ConnectAsync(_name, cancellationToken).ConfigureAwait(false);
        Publish(new HomeConnection(home, 1));
        _keeping = Task.Run(() => KeepAsync(WatchAsync(home)));
        return home.Info;
    }

    /// <summary>The connection; waits for one while there is none.</summary>
    /// <exception cref="SnapshotGrainsException">It has ended for good.</exception>
    public ValueTask<HomeConnection> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _current) is { Home.IsOpen: true } current)
        {
            return new(current);
        }

        lock (_gate)
        {
            return _end is { } end ? throw Again(end) : new(_next.Task.WaitAsync(cancellationToken));
        }
    }

    /// <exception cref="SnapshotGrainsException">It has ended for good.</exception>
    public void CheckNotGone()
    {
        if (_gone.IsCancellationRequested)
        {
            throw Again(_end!);
        }
    }

    /// <summary>Ends it for good: the disk can not be trusted any more.</summary>
    public void End(SnapshotGrainsException why)
    {
        Fail(why);
        _gone.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var current = Volatile.Read(ref _current);
        Fail(new SnapshotGrainsException(ErrorCode.Cancelled, $"'{_name.Disk}' was detached."));
        if (current is not null)
        {
            // A home that does not take the goodbye gets none.
            var goodbye = current.Home.DisposeAsync().AsTask();
            await Task.WhenAny(goodbye, Task.Delay(GoodbyeTimeout, _options.Time)).ConfigureAwait(false);
            await current.Home.AbortAsync().ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource<HomeConnection> NewPromise() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static SnapshotGrainsException Again(SnapshotGrainsException end) => new(end.Code, end.Message, end);

    private void Fail(SnapshotGrainsException why)
    {
        lock (_gate)
        {
            _end ??= why;
            Volatile.Write(ref _current, null);
            _next.TrySetException(why);
            _ = _next.Task.Exception; // observed: there may be nobody who waits
        }
    }

    private void Publish(HomeConnection connection)
    {
        lock (_gate)
        {
            Volatile.Write(ref _lastHeard, _options.Time.GetTimestamp());
            Volatile.Write(ref _current, connection);
            _next.TrySetResult(connection);
        }
    }

    private void Withdraw()
    {
        lock (_gate)
        {
            Volatile.Write(ref _current, null);
            if (_next.Task.IsCompletedSuccessfully)
            {
                _next = NewPromise();
            }
        }
    }

    /// <param name="watch">Ends when the first connection is of no use any more.</param>
    private async Task KeepAsync(Task watch)
    {
        try
        {
            for (var number = 2L; ; number++)
            {
                await watch.ConfigureAwait(false);
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                var lost = _current!;
                Withdraw();
                await lost.Home.AbortAsync().ConfigureAwait(false);
                if (await ReconnectAsync(number).ConfigureAwait(false) is not var (next, nextWatch))
                {
                    return;
                }

                Publish(next);
                watch = nextWatch;
            }
        }
        catch (Exception error)
        {
            // Nobody else would end the waiting of those who wait for a connection.
            End(new SnapshotGrainsException(
                ErrorCode.Internal, $"The connection to the home of '{_name.Disk}' broke: {error.Message}", error));
        }
    }

    /// <summary>Returns when the connection is of no use any more.</summary>
    private async Task WatchAsync(NbdClient home)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.WhenAny(home.Completion, PauseAsync(_options.ProbeInterval)).ConfigureAwait(false);
            if (!home.IsOpen || _stop.IsCancellationRequested)
            {
                return;
            }

            // The smallest question that NBD has. It may wait behind much work: then other replies come meanwhile.
            var probe = home.BlockStatusAsync(0, 1);
            for (var heard = -1L; !probe.IsCompleted && heard != home.Replies;)
            {
                heard = home.Replies;
                await Task.WhenAny(probe, PauseAsync(_options.ProbeTimeout)).ConfigureAwait(false);
            }

            if (!probe.IsCompletedSuccessfully)
            {
                _ = probe.ContinueWith(
                    static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default);
                return;
            }

            Volatile.Write(ref _lastHeard, _options.Time.GetTimestamp());
        }
    }

    private async Task PauseAsync(TimeSpan pause) => await Task.Delay(pause, _options.Time, _stop.Token)
        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Null when it was ended meanwhile.</summary>
    private async Task<(HomeConnection Connection, Task Watch)?> ReconnectAsync(long number)
    {
        var resumed = _name.Access == DiskAccess.ReadOnly
            ? _name : _name with { Access = DiskAccess.ReadWrite, IsResumed = true };
        for (var backOff = FirstBackOff; !_stop.IsCancellationRequested && !_gone.IsCancellationRequested;)
        {
            NbdClient? home = null;
            try
            {
                home = await _finder.ConnectAsync(resumed, _stop.Token).ConfigureAwait(false);
                var connection = new HomeConnection(home, number);
                return (connection, await ReplayWatchedAsync(connection).ConfigureAwait(false));
            }
            catch (SnapshotGrainsException error) when (error.Code
                is ErrorCode.Fenced or ErrorCode.NotFound or ErrorCode.DiskFailed)
            {
                End(error);
            }
            catch (Exception error) when (error is SnapshotGrainsException or NbdException
                or OperationCanceledException)
            {
                await PauseAsync(backOff).ConfigureAwait(false);
                backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
            }

            if (home is not null)
            {
                await home.AbortAsync().ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <summary>Does writes again, for as long as the home answers.</summary>
    /// <returns>The watch, which goes on.</returns>
    private async Task<Task> ReplayWatchedAsync(HomeConnection connection)
    {
        var (watch, replay) = (WatchAsync(connection.Home), _replay(connection));
        if (await Task.WhenAny(replay, watch).ConfigureAwait(false) == watch)
        {
            await connection.Home.AbortAsync().ConfigureAwait(false);
        }

        await replay.ConfigureAwait(false);
        return watch;
    }
}
