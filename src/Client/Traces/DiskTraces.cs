using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Records what the guests of this process's disks touch, and replays what earlier ones did. Nothing fails with it: a
/// trace only makes disks faster.
/// </summary>
public sealed class DiskTraces : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<TraceSession, Task> _running = [];
    private readonly Lock _gate = new();
    private readonly AheadBudget _budget;
    private bool _isDisposed;

    /// <summary>Traces over a plane that the caller keeps.</summary>
    /// <param name="plane">Where traces are kept.</param>
    /// <param name="options">Times and limits.</param>
    /// <param name="time">The clock.</param>
    public DiskTraces(ITracePlane plane, TraceOptions options, TimeProvider time)
    {
        options.Validate();
        (Plane, Options, Time) = (plane, options, time);
        _budget = new AheadBudget(options.AheadBytes);
    }

    /// <summary>What was done so far.</summary>
    public TraceStatistics Statistics => Totals.Statistics;

    internal ITracePlane Plane { get; }

    internal TraceOptions Options { get; }

    internal TimeProvider Time { get; }

    internal TraceTotals Totals { get; } = new();

    /// <summary>A guest begins to use a disk.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="parent">Reads what it inherits.</param>
    /// <returns>What to tell of his reads, until <see cref="TraceSession.End"/>; null: nothing, because the disk has no
    /// trace, or there are enough of them.</returns>
    public TraceSession? Begin(DiskInfo disk, ParentReader parent)
    {
        lock (_gate)
        {
            if (_isDisposed || _running.Count >= Options.MaxRecordings || !disk.NeedsParent
                || TraceName.Of(disk) is not { } name)
            {
                return null;
            }

            var session = new TraceSession(name, disk, parent, this);
            _running[session] = Task.Run(() => RunAsync(session));
            return session;
        }
    }

    /// <summary>Ends all that is under way, and records it.</summary>
    public async ValueTask DisposeAsync()
    {
        KeyValuePair<TraceSession, Task>[] running;
        lock (_gate)
        {
            _isDisposed = true;
            running = [.. _running];
        }

        foreach (var (session, _) in running)
        {
            session.End();
        }

        await Task.WhenAll(running.Select(session => session.Value)).WaitAsync(EndTimeout, TimeProvider.System)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What earlier clones did; null when nothing is known.</summary>
    internal async Task<TracePlan?> FindAsync(
        TraceName name, ReplicaReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var known = await Plane.FindTraceAsync(name, cancellationToken).ConfigureAwait(false);
            return known is { } encoded && SegmentTrace.Decode(encoded) is { } trace && trace.Fits(reader.Base)
                ? TracePlan.Of(trace, reader.Base) : null;
        }
        catch (Exception error) when (error is SnapshotGrainsException or CorruptFormatException)
        {
            return null;
        }
    }

    internal TraceReplay Replay(TracePlan plan, TraceSpace space, ReplicaReader reader) =>
        new(new ReplayProgress(plan), FetchPriority.Trace, space, reader, _budget, Totals, Time);

    /// <summary>Loads what lies beside what is touched.</summary>
    internal TraceReplay Guess(TraceSpace space, ReplicaReader reader) =>
        new(new NeighbourForecast(reader.Base), FetchPriority.Guess, space, reader, _budget, Totals, Time);

    private async Task RunAsync(TraceSession session)
    {
        try
        {
            await session.RunAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever it is, it is no concern of the guest's: his disk works without.
            Totals.Record(isRecorded: false);
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(session);
            }
        }
    }
}
