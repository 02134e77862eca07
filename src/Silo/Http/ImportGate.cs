namespace SnapshotGrains.Silo.Http;

/// <summary>Bounds the imports under way, for each holds a few segments in memory.</summary>
internal sealed class ImportGate : IDisposable
{
    private const int MaxImports = 4;

    private readonly SemaphoreSlim _places = new(MaxImports);

    /// <summary>Takes a place; dispose the result to give it back.</summary>
    /// <exception cref="SnapshotGrainsException">All are taken; try again later.</exception>
    public IDisposable Enter() => _places.Wait(TimeSpan.Zero)
        ? new Place(_places)
        : throw new SnapshotGrainsException(
            ErrorCode.ImageCenterUnavailable, $"{MaxImports} imports are under way already; try again later.");

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
