namespace SnapshotGrains.Storage;

/// <summary>Builds the map in memory from the map on disk.</summary>
internal sealed class MapRestorer(BlockMap map) : IMapSink
{
    /// <inheritdoc/>
    public void OnHeader(MapHeader header) => map.EnsureCapacity(OverlayLayout.BlocksOf(header.SizeBytes));

    /// <inheritdoc/>
    public void OnData(long block, BlockEntry entry) => map.Exchange(block, entry);

    /// <inheritdoc/>
    public void OnZeros(long block, long count)
    {
        for (var end = block + count; block < end;)
        {
            if (block % BlockMap.LeafBlocks == 0 && end - block >= BlockMap.LeafBlocks)
            {
                map.SetZeroLeaf(block / BlockMap.LeafBlocks);
                block += BlockMap.LeafBlocks;
            }
            else
            {
                map.Exchange(block++, BlockEntry.Zero);
            }
        }
    }
}
