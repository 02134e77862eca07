using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>Counts derived segments, and which of them were made before.</summary>
internal sealed class DerivationLedger
{
    private readonly FetchLedger _derived = new();
    private long _encrypted;
    private long _reloaded;
    private long _damaged;

    public DerivationInfo Info => new(
        _derived.Fetched, _derived.Refetched, Interlocked.Read(ref _encrypted), Interlocked.Read(ref _reloaded),
        Interlocked.Read(ref _damaged));

    public void Record(SegmentKey key, bool isEncrypted)
    {
        _derived.Record(Digest.Parse(key.DigestHex));
        if (isEncrypted)
        {
            Interlocked.Increment(ref _encrypted);
        }
    }

    public void Record(StoreRead read)
    {
        if (read == StoreRead.Read)
        {
            Interlocked.Increment(ref _reloaded);
        }
        else if (read == StoreRead.Damaged)
        {
            Interlocked.Increment(ref _damaged);
        }
    }
}
