namespace SnapshotGrains.Storage;

/// <summary>Takes what a map file says, oldest first; later states of a block replace earlier ones.</summary>
internal interface IMapSink
{
    /// <summary>The header, before everything else.</summary>
    void OnHeader(MapHeader header);

    /// <summary>A block that has bytes.</summary>
    void OnData(long block, BlockEntry entry);

    /// <summary>A run of blocks that are zero.</summary>
    void OnZeros(long block, long count);
}
