using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>The body of an answer, read straight into its destination. One reader.</summary>
internal sealed class HttpBody : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly Uri _uri;
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _stalled = new();
    private readonly ITimer _timer;

    public HttpBody(Stream stream, Uri uri, HttpCenterOptions options)
    {
        (_stream, _uri, _limit) = (stream, uri, options.StallTimeout);
        _timer = options.TimeProvider.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(), _stalled, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Fills the destination, or as much of it as the body has.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="ImageCenterException">Unavailable, Timeout.</exception>
    public ValueTask<int> FillAsync(Memory<byte> destination, CancellationToken cancellationToken) =>
        FillAsync(destination, null, cancellationToken);

    /// <summary>Fills the destination, as above, and adds to a digest what has come.</summary>
    public async ValueTask<int> FillAsync(
        Memory<byte> destination, RunningDigest? digest, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stalled.Token, cancellationToken);
        var filled = 0;
        try
        {
            while (filled < destination.Length)
            {
                _timer.Change(_limit, Timeout.InfiniteTimeSpan);
                var got = await _stream.ReadAsync(destination[filled..], either.Token).ConfigureAwait(false);
                if (got == 0)
                {
                    break;
                }

                digest?.Append(destination.Span.Slice(filled, got));
                filled += got;
            }
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw HttpErrors.Late(_uri, _limit, "more", error);
        }
        catch (Exception error) when (HttpErrors.IsNetwork(error))
        {
            throw HttpErrors.OfFailure(_uri, error);
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        return filled;
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _stalled.Dispose();
    }
}
