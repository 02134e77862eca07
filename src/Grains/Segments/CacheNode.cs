using Microsoft.Extensions.Logging;
using SnapshotGrains.Grains.Replicas;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// A silo's part in the snapshot cache: its segment cache, and how a segment gets into it. The cache is a service
/// of the silo rather than grain state: bytes are accounted in one place and stay outside the managed heap.
/// </summary>
public sealed partial class CacheNode : IAsyncDisposable
{
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(10);

    private readonly CacheNodeOptions _options;
    private readonly SegmentFetcher _fetcher;
    private readonly MeteredImageSource _meter;
    private readonly BoundedImageSource _bounded;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DateTimeOffset _startedAt;
    private readonly FetchLedger _ledger = new();
    private readonly DerivationLedger _derivations = new();
    private readonly SegmentCopier? _copy;
    private readonly BaseSegments _base;
    private readonly DerivedSegments _derived;

    /// <summary>A cache node with an empty cache.</summary>
    public CacheNode(
        CacheNodeOptions options,
        ManifestCache manifests,
        IImageSource source,
        DerivationInputs inputs,
        KeptReplicas kept,
        TimeProvider time,
        ILogger<CacheNode> log)
    {
        _options = options;
        _meter = new MeteredImageSource(source);
        var bounds = new BoundedSourceOptions
        {
            RequestTimeout = Shorter(options.LoadTimeout, LongestAttempt), TimeProvider = time,
        };
        _bounded = new BoundedImageSource(_meter, bounds);
        _fetcher = new SegmentFetcher(new RetryingImageSource(
            _bounded,
            new RetryingSourceOptions
            {
                OverallTimeout = options.LoadTimeout,
                AttemptTimeout = options.LoadTimeout, // a request is limited when it is sent: waiting is no failure
                TimeProvider = time,
            }));
        _copy = inputs.Copy;
        _base = new BaseSegments(manifests, _fetcher, _ledger, options.Disk);
        _derived = new DerivedSegments(manifests, inputs, kept, options, _derivations);
        _time = time;
        _log = log;
        _startedAt = time.GetUtcNow();
        Cache = new SegmentCache(new SegmentCacheOptions
        {
            BudgetBytes = options.CacheBytes, Populate = options.CachePopulate, TimeProvider = time,
        });
        HandOver = new SegmentHandOver(Cache, time);
    }

    /// <summary>The silo's name.</summary>
    public string Name => _options.Name;

    /// <summary>Where its process is reached by others; null while that starts.</summary>
    public NodeEndpoints? Endpoints => _options.Endpoints();

    /// <summary>The resident segments.</summary>
    public SegmentCache Cache { get; }

    /// <summary>Where the readers of this process take located segments from.</summary>
    public SegmentHandOver HandOver { get; }

    /// <summary>Makes a segment resident, unless it is, and keeps it for a moment for its reader.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="urgency">How urgent that is.</param>
    /// <param name="cancellationToken">Ends the wait; the load ends when nobody waits for it.</param>
    /// <exception cref="SnapshotGrainsException">It cannot be had; see <see cref="ISegmentGrain.LocateAsync"/>.
    /// </exception>
    public async ValueTask MakeResidentAsync(
        SegmentKey key, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(key.DigestHex);
        if (!Cache.TryLease(digest, out var resident))
        {
            resident = await LoadLoggedAsync(key, digest, urgency, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            if (!key.Replica.IsBase)
            {
                // Also after a load: whoever began it may not have known yet that the replica is kept.
                await _derived.KeepAsync(key, Cache, resident, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // Also when it was resident: there may have been no time to write it when it came.
                _options.Disk?.Offer(resident);
            }
        }
        finally
        {
            HandOver.Keep(resident);
        }
    }

    /// <summary>Makes a segment resident that another silo has, without asking the image center.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be had from there.</exception>
    public async ValueTask AdoptAsync(
        SegmentKey key, int lengthBytes, SegmentLocation from, CancellationToken cancellationToken)
    {
        var copy = _copy ?? throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"Silo {Name} has no road to other silos' segments.");
        try
        {
            var adopted = await Cache.GetOrLoadAsync(
                Digest.Parse(key.DigestHex), lengthBytes,
                (destination, token) => copy(key, from, destination, token),
                cancellationToken, isDerived: !key.Replica.IsBase).ConfigureAwait(false);
            if (key.Replica.IsBase)
            {
                _options.Disk?.Offer(adopted);
            }

            adopted.Release();
        }
        catch (CacheExhaustedException error)
        {
            throw new SnapshotGrainsException(ErrorCode.CacheExhausted, error.Message);
        }
    }

    /// <summary>The counters, for <see cref="INodeGrain"/>.</summary>
    public NodeInfo Describe(string address)
    {
        var cache = Cache.Statistics;
        var origin = _meter.Statistics;
        return new NodeInfo(
            Name,
            address,
            _startedAt,
            new CacheInfo(
                cache.BudgetBytes, cache.UsedBytes, cache.Segments, cache.Hits, cache.Misses, cache.Evictions),
            new OriginInfo(
                _ledger.Fetched, _ledger.Refetched, origin.Requests, origin.Bytes, origin.Failures,
                _fetcher.DigestMismatches, _options.BytesNeeded()),
            _derivations.Info,
            Endpoints,
            DiskCache: DescribeDisk());
    }

    /// <summary>Gives the memory back.</summary>
    public async ValueTask DisposeAsync()
    {
        await HandOver.DisposeAsync().ConfigureAwait(false);
        await Cache.DisposeAsync().ConfigureAwait(false);
    }

    private DiskCacheInfo? DescribeDisk() => _options.Disk?.Statistics is { } disk
        ? new DiskCacheInfo(
            disk.LimitBytes, disk.UsedBytes, disk.Segments, disk.Hits, disk.Misses, disk.BytesRead, disk.BytesWritten,
            disk.Evictions, disk.BadCopies, disk.WritesDropped, disk.Errors)
        : null;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private async ValueTask<SegmentBuffer> LoadLoggedAsync(
        SegmentKey key, Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadAsync(key, digest, urgency, cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (
            error.Code != ErrorCode.CacheExhausted || !urgency.Priority.IsAhead())
        {
            LogLoadFailed(key, Name, error.Code, error.Message);
            throw;
        }
    }

    private async ValueTask<SegmentBuffer> LoadAsync(
        SegmentKey key, Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.LoadTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // A plan takes a place among the derivations, which a caller who asks again needs no second time.
            if (await TryJoinAsync(digest, urgency, either.Token).ConfigureAwait(false) is { } joined)
            {
                return joined;
            }

            ISegmentOrigin origin = key.Replica.IsBase ? _base : _derived;
            using var plan = await origin.PlanAsync(key, digest, urgency, either.Token).ConfigureAwait(false);
            RefuseDearGuess(key, plan.LengthBytes, urgency);
            return await Cache.GetOrLoadAsync(
                digest, plan.LengthBytes, plan.Load, either.Token, !key.Replica.IsBase, urgency)
                .ConfigureAwait(false);
        }
        catch (ImageCenterException error)
        {
            throw ImageErrors.TranslateFetch(error);
        }
        catch (CacheExhaustedException error)
        {
            throw new SnapshotGrainsException(ErrorCode.CacheExhausted, error.Message);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SegmentTimeout,
                $"Silo {Name} could not load segment {key} within {_options.LoadTimeout.TotalSeconds:0.#} s; "
                + "is the image center slow or the cache too small for its readers?");
        }
    }

    /// <summary>A guess is fetched where that costs next to nothing: where the source would idle meanwhile.</summary>
    private void RefuseDearGuess(SegmentKey key, int lengthBytes, FetchUrgency urgency)
    {
        if (urgency.Priority == FetchPriority.Guess && !_bounded.HasToSpare(lengthBytes))
        {
            throw new SnapshotGrainsException(
                ErrorCode.CacheExhausted, $"Silo {Name} has no request to spare for segment {key}, a guess.");
        }
    }

    /// <summary>
    /// Null also when the load that was joined had used up its time, most of it perhaps before: whoever has time left
    /// loads again. What he then joins has begun after him, and has as much time.
    /// </summary>
    private async ValueTask<SegmentBuffer?> TryJoinAsync(
        Digest digest, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        try
        {
            return await Cache.TryJoinAsync(digest, urgency, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsTimeout(error) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool IsTimeout(Exception error) => error
        is ImageCenterException { Code: ImageErrorCode.Timeout }
        or SnapshotGrainsException { Code: ErrorCode.SegmentTimeout }
        or CacheExhaustedException { Reason: CacheExhaustedReason.TimedOut };
}
