namespace SnapshotGrains.Storage;

/// <summary>Remembers which segments were evicted lately, by digest only, weighted by the bytes they had.</summary>
internal sealed class GhostQueue(long capacityBytes)
{
    private readonly Queue<(Digest Digest, long Sequence, long Bytes)> _order = new();
    private readonly Dictionary<Digest, long> _latest = [];
    private long _bytes;
    private long _sequence;

    public void Add(in Digest digest, long bytes)
    {
        _latest[digest] = ++_sequence;
        _order.Enqueue((digest, _sequence, bytes));
        _bytes += bytes;
        while (_bytes > capacityBytes && _order.TryDequeue(out var oldest))
        {
            _bytes -= oldest.Bytes;
            if (_latest.TryGetValue(oldest.Digest, out var sequence) && sequence == oldest.Sequence)
            {
                _latest.Remove(oldest.Digest);
            }
        }
    }

    /// <summary>True when the segment was evicted lately; it is forgotten by the question.</summary>
    public bool TakeBack(in Digest digest) => _latest.Remove(digest);
}
