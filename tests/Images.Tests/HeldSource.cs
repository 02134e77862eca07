using SnapshotGrains.Storage;

namespace SnapshotGrains.Images.Tests;

/// <summary>A source whose requests wait until the test lets them go, and can be gathered.</summary>
internal sealed class HeldSource : IImageSource
{
    private readonly Lock _gate = new();
    private readonly List<(long Offset, long Bytes, TaskCompletionSource Go)> _requests = [];

    public int MaxScatterBytes { get; init; }

    public long RoundTripBytes { get; init; }

    /// <summary>Where every pack ends.</summary>
    public long PackBytes { get; init; } = long.MaxValue;

    /// <summary>What a gathered request waits for after each of its parts.</summary>
    public Task BetweenParts { get; init; } = Task.CompletedTask;

    /// <summary>Requests that have begun, by offset and length.</summary>
    public IReadOnlyList<(long Offset, long Bytes)> Begun
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests.Select(request => (request.Offset, request.Bytes))];
            }
        }
    }

    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public async ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await BeginAsync(offset, destination.Length).WaitAsync(cancellationToken);
        CheckEnd(offset + destination.Length);
        destination.Span.Fill((byte)(offset / 1000));
    }

    public async ValueTask ReadScatteredAsync(
        PackId pack, long offset, IReadOnlyList<ScatterPart> parts, CancellationToken cancellationToken)
    {
        var bytes = parts.Sum(part => part.Destination.Length);
        await BeginAsync(offset, bytes).WaitAsync(cancellationToken);
        CheckEnd(offset + bytes);
        foreach (var part in parts)
        {
            if (part.TryBegin())
            {
                part.Destination.Span.Fill((byte)(offset / 1000));
                part.Complete();
            }

            await BetweenParts.WaitAsync(cancellationToken);
            offset += part.Destination.Length;
        }
    }

    /// <summary>Ends the request that began as the n-th.</summary>
    public void Go(int n)
    {
        lock (_gate)
        {
            _requests[n].Go.TrySetResult();
        }
    }

    private void CheckEnd(long end)
    {
        if (end > PackBytes)
        {
            throw new ImageCenterException(ImageErrorCode.Truncated, $"The pack ends at {PackBytes}, not {end}.");
        }
    }

    private Task BeginAsync(long offset, long bytes)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _requests.Add((offset, bytes, go));
        }

        return go.Task;
    }
}
