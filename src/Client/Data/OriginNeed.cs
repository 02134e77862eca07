using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Counts the distinct bytes that readers needed of the image center: the denominator of origin amplification. In a
/// cluster each process counts what is needed of its own silos, so that the sum counts no segment twice.
/// Remembers 8 bytes a segment; touched on cold reads only.
/// </summary>
public sealed class OriginNeed
{
    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _seen = [];
    private long _distinctBytes;

    /// <summary>Bytes of all distinct segments so far.</summary>
    public long DistinctBytes => Interlocked.Read(ref _distinctBytes);

    /// <summary>A reader needs the segment with this digest.</summary>
    public void Add(Digest digest, int lengthBytes)
    {
        lock (_lock)
        {
            if (_seen.Add(digest.Prefix))
            {
                Interlocked.Add(ref _distinctBytes, lengthBytes);
            }
        }
    }
}
