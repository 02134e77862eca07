using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Events;

/// <summary>
/// Hears, while somebody listens here, what happens in the other processes of the cluster. What they tell goes to
/// listeners of this process only: each asks all others itself.
/// </summary>
internal sealed partial class EventRelay : IAsyncDisposable
{
    /// <summary>How long a listener waits for processes that do not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly EventHub _hub;
    private readonly Func<CancellationToken, ValueTask<IReadOnlyList<Uri>>> _others;
    private readonly Func<Uri, HttpControlPlane> _ask;
    private readonly TimeProvider _time;
    private readonly ILogger<EventRelay> _log;
    private readonly Dictionary<Uri, EventLink> _links = [];
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    /// <param name="hub">Who listens here.</param>
    /// <param name="others">HTTP addresses of the other processes.</param>
    /// <param name="ask">A client of one of them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where failures are noted.</param>
    public EventRelay(
        EventHub hub,
        Func<CancellationToken, ValueTask<IReadOnlyList<Uri>>> others,
        Func<Uri, HttpControlPlane> ask,
        TimeProvider time,
        ILogger<EventRelay> log)
    {
        (_hub, _others, _ask, _time, _log) = (hub, others, ask, time, log);
        _work = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>
    /// Somebody begins to listen here: waits until the others are heard, but for those that do not answer in time.
    /// </summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var links = await AdjustAsync(isLate: false, either.Token).ConfigureAwait(false);
            await Task.WhenAll(links.Select(link => link.Tried)).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Its link tells of a gap when it comes about.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _gate.WaitAsync().ConfigureAwait(false);
        await KeepAsync([]).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await AdjustAsync(isLate: true, stop).ConfigureAwait(false);
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                LogFailed(error.Message);
            }
        }
    }

    /// <summary>Listens to all others while somebody listens here, and to nobody else.</summary>
    private async Task<IReadOnlyCollection<EventLink>> AdjustAsync(bool isLate, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var wanted = _hub.Queries.Count > 0 ? await _others(cancellationToken).ConfigureAwait(false) : [];
            await KeepAsync(wanted).ConfigureAwait(false);
            foreach (var process in wanted.Where(process => !_links.ContainsKey(process)))
            {
                _links[process] = new EventLink(_ask(process), _hub, isLate, _time, _log);
            }

            return [.. _links.Values];
        }
        catch (SnapshotGrainsException)
        {
            return [.. _links.Values]; // nobody says who the others are at the moment: those that are known will do
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task KeepAsync(IReadOnlyList<Uri> wanted)
    {
        foreach (var (process, link) in _links.Where(link => !wanted.Contains(link.Key)).ToArray())
        {
            _links.Remove(process);
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    [LoggerMessage(1212, LogLevel.Debug, "The other processes of the cluster are not heard at the moment: {Why}")]
    private partial void LogFailed(string why);
}
