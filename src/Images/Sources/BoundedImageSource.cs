namespace SnapshotGrains.Images;

/// <summary>
/// Protects an image center: no more than so many range reads and bytes at once, the rest waits first come, first
/// served. Thread-safe.
/// </summary>
public sealed class BoundedImageSource : IImageSource
{
    private readonly IImageSource _inner;
    private readonly BoundedSourceOptions _options;
    private readonly Lock _gate = new();
    private readonly LinkedList<(TaskCompletionSource Turn, long Bytes)> _waiting = new();
    private int _requests;
    private long _bytes;

    /// <summary>Bounds the requests to <paramref name="inner"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public BoundedImageSource(IImageSource inner, BoundedSourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _inner = inner;
        _options = options;
    }

    /// <summary>Reads that wait for their turn now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
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
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var bytes = Math.Min(destination.Length, _options.MaxBytesInFlight);
        if (!TryEnter(bytes, out var turn))
        {
            await WaitAsync(turn!, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await _inner.ReadAsync(pack, offset, destination, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(bytes);
        }
    }

    /// <inheritdoc/>
    public void Forget(PackId pack) => _inner.Forget(pack);

    private bool TryEnter(long bytes, out LinkedListNode<(TaskCompletionSource Turn, long Bytes)>? turn)
    {
        turn = null;
        lock (_gate)
        {
            if (_waiting.Count == 0 && FitsLocked(bytes))
            {
                AdmitLocked(bytes);
                return true;
            }

            if (_waiting.Count >= _options.MaxWaiting)
            {
                throw new ImageCenterException(
                    ImageErrorCode.Unavailable,
                    $"{_waiting.Count} reads wait for the image center already, {_requests} are under way; try later.");
            }

            turn = _waiting.AddLast(
                (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), bytes));
            return false;
        }
    }

    private async ValueTask WaitAsync(
        LinkedListNode<(TaskCompletionSource Turn, long Bytes)> turn, CancellationToken cancellationToken)
    {
        try
        {
            await turn.Value.Turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (turn.List is null)
                {
                    // The turn came in the same moment: hand it on.
                    ReturnLocked(turn.Value.Bytes);
                }
                else
                {
                    _waiting.Remove(turn);
                }

                PumpLocked();
            }

            throw;
        }
    }

    private void Leave(long bytes)
    {
        lock (_gate)
        {
            ReturnLocked(bytes);
            PumpLocked();
        }
    }

    private void PumpLocked()
    {
        while (_waiting.First is { } first && FitsLocked(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            AdmitLocked(first.Value.Bytes);
            first.Value.Turn.SetResult();
        }
    }

    private bool FitsLocked(long bytes) =>
        _requests < _options.MaxRequests && _bytes + bytes <= _options.MaxBytesInFlight;

    private void AdmitLocked(long bytes)
    {
        _requests++;
        _bytes += bytes;
    }

    private void ReturnLocked(long bytes)
    {
        _requests--;
        _bytes -= bytes;
    }
}
