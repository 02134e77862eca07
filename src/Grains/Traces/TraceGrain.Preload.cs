using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Grains.Traces;

/// <content>Loading ahead: a task of this activation, one at a time.</content>
internal sealed partial class TraceGrain
{
    /// <summary>Clones that are made one after the other find what the first of them had loaded.</summary>
    private static readonly TimeSpan PreloadPeriod = TimeSpan.FromSeconds(10);

    /// <summary>Segments of a trace that nobody has seen to be right: what a guest loses by it is this many.</summary>
    private const int UnconfirmedSegments = 4;

    private readonly CancellationTokenSource _stop = new();
    private Task _preload = Task.CompletedTask;
    private long? _preloadedAt;

    public Task PreloadAsync(string profile, CancellationToken cancellationToken)
    {
        var isTime = _preloadedAt is not { } last || time.GetElapsedTime(last) >= PreloadPeriod;
        if (_preload.IsCompleted && isTime && !_stop.IsCancellationRequested && Find(profile) is { } known)
        {
            _preloadedAt = time.GetTimestamp();
            var wanted = known.IsConfirmed ? int.MaxValue : UnconfirmedSegments;
            _preload = PreloadAsync([.. known.Merged.Entries.Take(wanted).Select(entry => entry.Segment)]);
        }

        return Task.CompletedTask;
    }

    /// <summary>Never fails: what is not there in time is loaded when it is asked for.</summary>
    private async Task PreloadAsync(IReadOnlyList<long> segments)
    {
        try
        {
            var manifest = await manifests.GetAsync(Id, _stop.Token);
            await preloader.RunAsync(Id, manifest.Map, segments, _stop.Token);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogPreloadEnded(Id, error.Message);
        }
        catch (OperationCanceledException)
        {
            // The activation ends.
        }
    }

    [LoggerMessage(1602, LogLevel.Information, "Segments of {Snapshot} are not loaded ahead any more: {Why}")]
    private partial void LogPreloadEnded(SnapshotId snapshot, string why);
}
