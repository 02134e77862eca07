namespace SnapshotGrains.Bench.Transfer;

/// <summary>Grains in another process: this engine has none.</summary>
internal static class GrainSources
{
    public static Task<IAsyncDisposable> ServeAsync(int port, int segments) =>
        throw new NotSupportedException("Build with -p:GrainEngine=Orleans to measure grain calls.");

    public static Task<IAsyncDisposable> ConnectAsync(int port, Dictionary<string, ISource> sources) =>
        ServeAsync(port, sources.Count);
}
