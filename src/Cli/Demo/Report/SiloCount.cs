namespace SnapshotGrains.Cli.Demo;

/// <summary>One silo's part in the demo.</summary>
/// <param name="Name">Its name.</param>
/// <param name="WasKilled">Whether it was the one killed; its figures are those of just before.</param>
/// <param name="CachedSegments">Segments in its cache.</param>
/// <param name="CachedBytes">Bytes in its cache.</param>
/// <param name="Hits">Look-ups that found their segment there.</param>
/// <param name="Misses">Look-ups that had to wait for a load.</param>
/// <param name="BytesFetched">Bytes it fetched from the image center.</param>
internal sealed record SiloCount(
    string Name, bool WasKilled, long CachedSegments, long CachedBytes, long Hits, long Misses, long BytesFetched)
{
    /// <summary>A silo's part as it tells it itself.</summary>
    public static SiloCount Of(NodeInfo node, bool wasKilled) => new(
        node.Name, wasKilled, node.Cache.Segments, node.Cache.UsedBytes, node.Cache.Hits, node.Cache.Misses,
        node.Origin.BytesFetched);
}
