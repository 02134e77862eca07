namespace SnapshotGrains.Grains.Batches;

/// <summary>
/// The order in which a batch creates its disks: by shard of the disk catalog. A shard is rewritten whole at each
/// change, so a chunk of whole shards has each of them written once in the batch, not once in each chunk.
/// </summary>
internal sealed class BatchOrder
{
    private const int MaxChunk = 1000;

    private readonly int[] _indexes;
    private readonly byte[] _shards;
    private readonly int[] _starts = new int[DiskCatalog.Shards + 1];

    public BatchOrder(BatchCloneSpec spec)
    {
        _shards = new byte[spec.Total];
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = (byte)DiskCatalog.ShardOf(spec.NameAt(i));
            _starts[_shards[i] + 1]++;
        }

        for (var shard = 0; shard < DiskCatalog.Shards; shard++)
        {
            _starts[shard + 1] += _starts[shard];
        }

        _indexes = [.. Enumerable.Range(0, _shards.Length).OrderBy(i => _shards[i])];
    }

    /// <summary>The shard of disk <paramref name="index"/>.</summary>
    public int ShardOf(int index) => _shards[index];

    /// <summary>The shard after the chunk that starts at <paramref name="shard"/>.</summary>
    public int EndOfChunk(int shard)
    {
        var end = shard + 1;
        while (end < DiskCatalog.Shards && _starts[end + 1] - _starts[shard] <= MaxChunk)
        {
            end++;
        }

        return end;
    }

    /// <summary>Indexes of the disks on the shards from <paramref name="shard"/> to before <paramref name="end"/>.
    /// </summary>
    public int[] Between(int shard, int end) => _indexes[_starts[shard].._starts[end]];
}
