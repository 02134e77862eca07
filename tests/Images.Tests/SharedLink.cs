using SnapshotGrains.Storage;

namespace SnapshotGrains.Images.Tests;

/// <summary>A source behind a link: each request takes its latency, and all share the bandwidth.</summary>
internal sealed class SharedLink(TimeSpan latency, double bytesPerSecond) : IImageSource
{
    private const int PieceBytes = 64 << 10;

    private readonly SemaphoreSlim _link = new(1);
    private long _bytes;

    /// <summary>Bytes sent so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public async ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await Task.Delay(latency, TimeProvider.System, cancellationToken);
        for (var rest = destination.Length; rest > 0; rest -= PieceBytes)
        {
            var piece = Math.Min(rest, PieceBytes);
            await _link.WaitAsync(cancellationToken);
            try
            {
                var time = TimeSpan.FromSeconds(piece / bytesPerSecond);
                await Task.Delay(time, TimeProvider.System, cancellationToken);
                Interlocked.Add(ref _bytes, piece);
            }
            finally
            {
                _link.Release();
            }
        }
    }
}
