using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// One use of a disk: what its guest touches is recorded, and what earlier ones touched is loaded ahead of him.
/// </summary>
public sealed class TraceSession
{
    /// <summary>Fewer segments than these are a look at the disk, and not worth loading ahead.</summary>
    private const int MinSegments = 4;

    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _end = new();

    // On the pool: whoever detaches has other things to do.
    private readonly Lazy<Task> _ending;
    private readonly TouchRecorder _recorder;
    private readonly TraceName _name;
    private readonly ParentReader _parent;
    private readonly DiskTraces _traces;

    internal TraceSession(TraceName name, DiskInfo disk, ParentReader parent, DiskTraces traces)
    {
        (_name, _parent, _traces) = (name, parent, traces);
        _recorder = new TouchRecorder(disk, traces.Time);
        _ending = new Lazy<Task>(_end.CancelAsync);
    }

    /// <summary>The guest asks for bytes of the disk as it is stored; costs next to nothing.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">At least 1.</param>
    public void Touch(long offset, int length) => _recorder.Touch(offset, length);

    /// <summary>The guest has gone. What he touched is recorded in the background.</summary>
    public void End()
    {
        _recorder.Stop();
        _ = _ending.Value;
    }

    /// <summary>Runs until the guest has started or gone.</summary>
    internal async Task RunAsync()
    {
        using var loading = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var replaying = Task.CompletedTask;
        TraceSpace? space = null;
        try
        {
            var reader = await _parent.OpenAsync(_end.Token).ConfigureAwait(false);
            space = new TraceSpace(reader, _recorder.UnitShift);
            replaying = Task.Run(() => ReplayAsync(reader, space, loading.Token));
            await WatchAsync(_end.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SnapshotGrainsException or OperationCanceledException)
        {
            // Whoever reads the disk is told what is wrong with its parent.
        }

        await loading.CancelAsync().ConfigureAwait(false);
        await replaying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var touches = _recorder.Stop();
        if (space?.TraceOf(touches, _traces.Time) is { } run && run.Entries.Length >= MinSegments)
        {
            await RecordAsync(run).ConfigureAwait(false);
        }

        await (_ending.IsValueCreated ? _ending.Value : Task.CompletedTask).ConfigureAwait(false);
    }

    private async Task ReplayAsync(ReplicaReader reader, TraceSpace space, CancellationToken cancellationToken)
    {
        var known = await _traces.FindAsync(_name, reader, cancellationToken).ConfigureAwait(false);
        if (known is not null)
        {
            await FollowAsync(_traces.Replay(known, space, reader), cancellationToken).ConfigureAwait(false);
            return;
        }

        // A guess costs a few reads: only for somebody who reads at all.
        await _recorder.FirstTouch.WaitAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(
            GuessNeighboursAsync(reader, space, cancellationToken),
            GuessFilesAsync(reader, space, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>What is derived costs its silo more than a request to spare.</summary>
    private Task GuessNeighboursAsync(ReplicaReader reader, TraceSpace space, CancellationToken cancellationToken) =>
        reader.Id.IsBase ? FollowAsync(_traces.Guess(space, reader), cancellationToken) : Task.CompletedTask;

    private async Task GuessFilesAsync(ReplicaReader reader, TraceSpace space, CancellationToken cancellationToken)
    {
        if (await ReplicaGuess.MakeAsync(reader, cancellationToken).ConfigureAwait(false) is { } plan)
        {
            await FollowAsync(_traces.Replay(plan, space, reader), cancellationToken).ConfigureAwait(false);
        }
    }

    private Task FollowAsync(TraceReplay replay, CancellationToken cancellationToken)
    {
        _recorder.Follow(replay.Touch);
        return replay.RunAsync(cancellationToken);
    }

    /// <summary>Completes when a guest that has begun touches nothing new any more, or has had long enough.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var (time, options) = (_traces.Time, _traces.Options);
        var started = time.GetTimestamp();
        while (!_recorder.HasStopped)
        {
            var left = options.MaxDuration - time.GetElapsedTime(started);
            var quiet = _recorder.LastTouch is { } last
                ? options.IdleTime - time.GetElapsedTime(last) : options.IdleTime;
            if (left <= TimeSpan.Zero || quiet <= TimeSpan.Zero)
            {
                return;
            }

            await Task.Delay(left < quiet ? left : quiet, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RecordAsync(SegmentTrace run)
    {
        using var deadline = new CancellationTokenSource(RecordTimeout, _traces.Time);
        try
        {
            await _traces.Plane.RecordTraceAsync(_name, run.Encode(), deadline.Token).ConfigureAwait(false);
            _traces.Totals.Record(isRecorded: true);
        }
        catch (Exception error) when (error is SnapshotGrainsException or OperationCanceledException)
        {
            // It only makes later clones faster; another run will do.
            _traces.Totals.Record(isRecorded: false);
        }
    }
}
