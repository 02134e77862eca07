using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Traces;

/// <summary>
/// All traces of one snapshot in one record, so that a listing and the snapshot's deletion need no second one that
/// could disagree. Reentrant: what is known is served while a run is being stored.
/// </summary>
[Reentrant]
internal sealed partial class TraceGrain(
    [PersistentState("traces", StorageNames.Metadata)] IPersistentState<TraceState> state,
    ManifestCache manifests,
    SegmentPreloader preloader,
    TimeProvider time,
    ILogger<TraceGrain> log) : Grain, ITraceGrain
{
    /// <summary>When a thousand clones start together, a few of them are enough.</summary>
    private static readonly TimeSpan RunPeriod = TimeSpan.FromSeconds(10);

    private readonly GroupWrite<TraceState> _write = new(state);
    private readonly Dictionary<string, KnownTrace> _known = new(StringComparer.Ordinal);

    private SnapshotId Id => SnapshotId.Parse(this.GetPrimaryKeyString());

    private Dictionary<string, TraceRecord> Profiles => state.State.Profiles;

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _preload.WaitAsync(cancellationToken);
        _stop.Dispose();
    }

    public async Task<ImmutableArray<TraceInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var map = (await manifests.GetAsync(Id, cancellationToken)).Map;
        return
        [
            .. Profiles.Keys.Order(StringComparer.Ordinal).Select(profile => (Profile: profile, Trace: Find(profile)))
                .Where(known => known.Trace is not null)
                .Select(known => known.Trace!.Describe(new TraceName(Id, known.Profile), map)),
        ];
    }

    public Task<ImmutableArray<byte>> FindAsync(string profile, CancellationToken cancellationToken) =>
        Task.FromResult(Find(profile)?.Encoded ?? []);

    public async Task RecordAsync(string profile, ImmutableArray<byte> run, CancellationToken cancellationToken)
    {
        var trace = await ReadAsync(profile, run, cancellationToken);
        var now = time.GetUtcNow();
        await SetAsync(profile, known => known switch
        {
            null => KnownTrace.Begin(trace, now, isRecorded: true),
            { Record.Runs.Length: TraceMerge.MaxRuns } when now - known.Record.UpdatedAt < RunPeriod => known,
            _ => known.With(trace, now),
        });
    }

    public async Task<TraceInfo> ImportAsync(
        string profile, ImmutableArray<byte> trace, CancellationToken cancellationToken)
    {
        var imported = await ReadAsync(profile, trace, cancellationToken);
        var known = await SetAsync(
            profile, _ => KnownTrace.Begin(imported, time.GetUtcNow(), isRecorded: false));
        return known.Describe(
            new TraceName(Id, profile), (await manifests.GetAsync(Id, cancellationToken)).Map);
    }

    public Task<bool> RemoveAsync(string profile, CancellationToken cancellationToken) => _write.RunAsync(undo =>
    {
        if (!Profiles.Remove(profile, out var removed))
        {
            return false;
        }

        undo.Add(() => Profiles[profile] = removed);
        return true;
    });

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await _write.RunAsync(undo =>
        {
            var removed = Profiles;
            if (removed.Count > 0)
            {
                state.State.Profiles = new Dictionary<string, TraceRecord>(StringComparer.Ordinal);
                undo.Add(() => state.State.Profiles = removed);
            }

            return true;
        });
    }

    /// <summary>The trace of a profile; null when there is none, or what is stored of it cannot be read.</summary>
    private KnownTrace? Find(string profile)
    {
        if (!Profiles.TryGetValue(profile, out var record))
        {
            _known.Remove(profile);
            return null;
        }

        if (_known.TryGetValue(profile, out var known) && ReferenceEquals(known.Record, record))
        {
            return known;
        }

        try
        {
            known = new KnownTrace(record);
            _ = known.Merged;
            return _known[profile] = known;
        }
        catch (Exception error) when (error is CorruptFormatException or ArgumentException)
        {
            // It only makes things faster: without it clones start as those of a new image do.
            LogUnreadable(Id, profile, error.Message);
            return null;
        }
    }

    private async Task<SegmentTrace> ReadAsync(
        string profile, ImmutableArray<byte> encoded, CancellationToken cancellationToken)
    {
        TraceName.CheckProfile(profile);
        var manifest = await manifests.GetAsync(Id, cancellationToken);
        try
        {
            var trace = SegmentTrace.Decode(encoded.AsMemory());
            return trace.Fits(manifest.Map) ? trace : throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"The trace is of a snapshot of {trace.SizeBytes} bytes in segments of {trace.SegmentSizeBytes}; {Id} "
                + $"has {manifest.Map.SizeBytes} in segments of {manifest.Map.SegmentSizeBytes}.");
        }
        catch (CorruptFormatException error)
        {
            throw new SnapshotGrainsException(ErrorCode.BadRequest, error.Message);
        }
    }

    private Task<KnownTrace> SetAsync(string profile, Func<KnownTrace?, KnownTrace> change) =>
        _write.RunAsync(undo =>
        {
            var old = Profiles.GetValueOrDefault(profile);
            if (old is null && Profiles.Count >= ITraceGrain.MaxProfiles)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.NoSpace,
                    $"Snapshot {Id} has traces of {Profiles.Count} profiles, and there can be no more; remove one.");
            }

            var known = change(Find(profile));
            if (!ReferenceEquals(known.Record, old))
            {
                Profiles[profile] = known.Record;
                _known[profile] = known;
                undo.Add(() => _ = old is null ? Profiles.Remove(profile) : (Profiles[profile] = old) is not null);
            }

            return known;
        });

    [LoggerMessage(1601, LogLevel.Warning, "The trace of {Snapshot} with profile {Profile} is not used: {Why}")]
    private partial void LogUnreadable(SnapshotId snapshot, string profile, string why);
}
