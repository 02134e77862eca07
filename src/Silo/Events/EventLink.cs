using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Events;

/// <summary>
/// Listens to one other process of the cluster, and passes on what that tells. What was lost with a connection is told
/// as a gap, when there is another one or the process is given up.
/// </summary>
internal sealed partial class EventLink : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly EventQuery Query = new(IsOfProcess: true);

    private readonly HttpControlPlane _process;
    private readonly EventHub _hub;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private bool _hasGap;

    /// <summary>Begins to listen.</summary>
    /// <param name="process">The other process.</param>
    /// <param name="hub">Where its news go.</param>
    /// <param name="isLate">Whether it may have told of something already that was wanted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where failures are noted.</param>
    public EventLink(HttpControlPlane process, EventHub hub, bool isLate, TimeProvider time, ILogger log)
    {
        (_process, _hub, _hasGap, _time, _log) = (process, hub, isLate, time, log);
        _work = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>Completes when it listens, or has failed to once.</summary>
    public Task Tried => _tried.Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        TellGap();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await ListenAsync(stop).ConfigureAwait(false);
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                LogLost(_process.Server, error.Message);
            }

            _hasGap = true;
            _tried.TrySetResult();
            await Task.Delay(Pause, _time, stop).ConfigureAwait(false);
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        var stream = await _process.ListenAsync(Query, stop).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            TellGap();
            _tried.TrySetResult();
            await foreach (var news in stream.ReadAsync(stop).ConfigureAwait(false))
            {
                _hub.Relay(news);
            }
        }
    }

    private void TellGap()
    {
        if (_hasGap)
        {
            _hub.RelayGap(missed: 1); // nobody knows how many
            _hasGap = false;
        }
    }

    [LoggerMessage(1211, LogLevel.Debug, "The events of {Process} are not heard at the moment: {Why}")]
    private partial void LogLost(Uri process, string why);
}
