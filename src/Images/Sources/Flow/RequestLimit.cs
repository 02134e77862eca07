namespace SnapshotGrains.Images;

/// <summary>The time limit of one request, and its caller's.</summary>
internal sealed class RequestLimit : IDisposable
{
    private readonly BoundedSourceOptions _options;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;

    public RequestLimit(BoundedSourceOptions options, CancellationToken caller)
    {
        (_options, _caller) = (options, caller);
        _limit = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, caller);
    }

    /// <exception cref="ImageCenterException"><see cref="ImageErrorCode.Timeout"/>: it took too long.</exception>
    public async ValueTask RunAsync(Func<CancellationToken, ValueTask> request)
    {
        try
        {
            await request(_either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (_caller.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, _caller);
        }
        catch (OperationCanceledException error) when (_limit.IsCancellationRequested)
        {
            throw new ImageCenterException(
                ImageErrorCode.Timeout,
                $"The image center did not answer within {_options.RequestTimeout.TotalSeconds:0.###} s; is it "
                + "overloaded or hung?",
                error);
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}
