using System.Buffers.Binary;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Bench.Eviction;

/// <summary>The segment cache itself, with segments of a page each.</summary>
internal sealed class OurCache(int slots) : IPolicy
{
    private const int SegmentBytes = 4096;

    private readonly SegmentCache _cache = new(new SegmentCacheOptions
    {
        BudgetBytes = (long)slots * SegmentBytes,
        SegmentSizeBytes = SegmentBytes,
    });

    public bool Use(int segment)
    {
        Span<byte> name = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(name, segment);
        var digest = Digest.Compute(name);
        if (_cache.TryLease(digest, out var resident))
        {
            resident.Release();
            return true;
        }

        _cache.GetOrLoadAsync(
            digest, SegmentBytes, static (_, _) => ValueTask.CompletedTask, CancellationToken.None)
            .AsTask().GetAwaiter().GetResult().Release();
        return false;
    }

    public void Dispose() => _cache.Dispose();
}
