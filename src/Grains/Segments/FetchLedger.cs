using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>
/// Tells first fetches of a segment from repeated ones, so that origin amplification is counted and not guessed.
/// Remembers 8 bytes a segment: 1 TiB of distinct data costs some 20 MiB, an image of 10 GiB 200 KiB.
/// </summary>
internal sealed class FetchLedger
{
    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _seen = [];
    private long _fetched;
    private long _refetched;

    public long Fetched => Interlocked.Read(ref _fetched);

    public long Refetched => Interlocked.Read(ref _refetched);

    public void Record(Digest digest)
    {
        Interlocked.Increment(ref _fetched);
        lock (_lock)
        {
            if (!_seen.Add(digest.Prefix))
            {
                Interlocked.Increment(ref _refetched);
            }
        }
    }
}
