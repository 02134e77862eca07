using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Tests.Keys;

/// <summary>Segments that come from elsewhere into a cache, as a remote plane's do.</summary>
internal sealed class Ciphertext : IDataPlane
{
    private readonly byte[] _bytes;
    private readonly SegmentCache _cache;

    public Ciphertext(byte[] bytes, int segmentBytes, SegmentCache cache)
    {
        (_bytes, _cache) = (bytes, cache);
        var builder = new SegmentMapBuilder(segmentBytes);
        for (var at = 0; at < bytes.Length; at += segmentBytes)
        {
            builder.AddData(Digest.Compute(bytes.AsSpan(at, segmentBytes)));
        }

        Map = builder.Build(bytes.Length);
    }

    public SegmentMap Map { get; }

    public ValueTask<SnapshotMap> GetSegmentMapAsync(SnapshotId snapshot, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, FetchUrgency urgency, CancellationToken cancellationToken) =>
        _cache.GetOrLoadAsync(
            digest, lengthBytes,
            async (destination, token) =>
            {
                await Task.Delay(1, token);
                _bytes.AsMemory((int)key.Number * Map.SegmentSizeBytes, lengthBytes).CopyTo(destination);
            },
            cancellationToken, urgency: urgency);

    public ValueTask<bool?> PrepareAsync(SegmentKey key, Digest digest, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
