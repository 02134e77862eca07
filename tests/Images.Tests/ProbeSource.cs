namespace SnapshotGrains.Images.Tests;

/// <summary>Serves nothing, and remembers how much was asked for at once.</summary>
internal sealed class ProbeSource : IImageSource
{
    private readonly Lock _gate = new();
    private int _requests;
    private long _bytes;

    /// <summary>Reads that have begun end only when this has.</summary>
    public Task Hold { get; init; } = Task.CompletedTask;

    public int MostRequests { get; private set; }

    /// <summary>Most bytes at once, reads that are alone left out.</summary>
    public long MostBoundedBytes { get; private set; }

    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public async ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _requests++;
            _bytes += destination.Length;
            MostRequests = Math.Max(MostRequests, _requests);
            MostBoundedBytes = _requests > 1 ? Math.Max(MostBoundedBytes, _bytes) : MostBoundedBytes;
        }

        await Hold.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            _requests--;
            _bytes -= destination.Length;
        }
    }
}
