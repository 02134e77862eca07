using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Protects an image center, and the readers who wait for it from those who do not: only so many range reads and bytes
/// at once, by priority and then first come, first served. How many, and how much at a time, follows from what the
/// source is measured to do. Neighbouring reads that wait become one request, where the source can do that.
/// Thread-safe.
/// </summary>
public sealed partial class BoundedImageSource : IImageSource
{
    private readonly IImageSource _inner;
    private readonly BoundedSourceOptions _options;
    private readonly Lock _gate = new();

    /// <summary>Bounds the requests to <paramref name="inner"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public BoundedImageSource(IImageSource inner, BoundedSourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _inner = inner;
        _options = options;
        _limit = new AdaptiveLimit(options.MinRequests, options.MaxRequests, options.TimeProvider);
    }

    /// <summary>Reads that wait for their turn now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>
    /// Whether so many bytes more would hardly be noticed: with all that is under way they come in the time that the
    /// source takes to begin an answer.
    /// </summary>
    public bool HasToSpare(int bytes)
    {
        lock (_gate)
        {
            return _queue.Count == 0 && _bytes + bytes <= _inner.RoundTripBytes;
        }
    }

    /// <inheritdoc/>
    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken) =>
        _inner.GetManifestAsync(name, snap, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        _inner.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        await ReadAsync(pack, offset, destination, FetchUrgency.Demand, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        Digest? digest = null;
        var read = new PendingRead(pack, offset, destination, urgency);
        using var raised = urgency.OnRaised(() => Promote(read));
        for (var isRest = false; read.Length > 0; isRest = true)
        {
            Enqueue(read, isRest);
            var turn = await WaitAsync(read, cancellationToken).ConfigureAwait(false);
            if (turn.Part is null)
            {
                digest = await RunAsync(read, turn, urgency, cancellationToken).ConfigureAwait(false);
                read.Advance(turn.Bytes);
            }
            else if (await IsWholeAsync(turn.Part, cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
            else
            {
                read.GoAlone();
            }
        }

        return digest;
    }

    /// <summary>False when the pack ended within the request: that may be a neighbour's loss only.</summary>
    private static async ValueTask<bool> IsWholeAsync(GatheredPart part, CancellationToken cancellationToken)
    {
        try
        {
            await part.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ImageCenterException error) when (error.Code == ImageErrorCode.Truncated)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Forget(PackId pack) => _inner.Forget(pack);

    /// <summary>
    /// The digest, if one was taken and all was read at once. That of a piece is of no use; pieces are rare.
    /// </summary>
    private async ValueTask<Digest?> RunAsync(
        PendingRead read, Turn turn, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        var bytes = 0;
        Digest? digest = null;
        try
        {
            using var limit = new RequestLimit(_options, cancellationToken);
            await limit.RunAsync(async token => digest = await _inner
                .ReadAsync(read.Pack, read.Offset, read.Rest[..turn.Bytes], urgency, token).ConfigureAwait(false))
                .ConfigureAwait(false);
            bytes = turn.Bytes;
            return read.IsWhole(bytes) ? digest : null;
        }
        finally
        {
            Leave(turn.Priority, turn.StartedAt, turn.Bytes, bytes);
        }
    }

    /// <summary>Belongs to all whose reads it carries: each waits for his part; the last who leaves ends it.</summary>
    private async Task RunAsync(GatheredRead request)
    {
        var bytes = 0;
        Exception error = new ImageCenterException(ImageErrorCode.Unavailable, "The request ended without its bytes.");
        try
        {
            using var limit = new RequestLimit(_options, request.Abandoned);
            await limit.RunAsync(token => _inner.ReadScatteredAsync(
                request.Pack, request.Offset, request.Parts, token)).ConfigureAwait(false);
            bytes = request.Bytes;
        }
        catch (Exception failure)
        {
            error = failure; // whatever it is, the readers get it
        }

        Leave(request.Priority, request.StartedAt, request.Bytes, bytes);
        request.End(error);
    }
}
