using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Reads from silos in other processes over HTTP, through one segment cache that all disks of this host share.
/// </summary>
/// <param name="http">A client whose base address is a silo.</param>
/// <param name="cache">The host-wide segment cache.</param>
public sealed class HttpDataPlane(HttpClient http, SegmentCache cache) : IDataPlane
{
    /// <inheritdoc />
    public async ValueTask<SegmentMap> GetSegmentMapAsync(
        SnapshotId snapshot, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.SegmentMapOf(snapshot));
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
        var map = SegmentMap.Read(
            await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        return map;
    }

    /// <inheritdoc />
    public ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, CancellationToken cancellationToken) =>
        cache.GetOrLoadAsync(
            digest, lengthBytes, (destination, token) => FetchAsync(key, digest, destination, token),
            cancellationToken);

    private async ValueTask FetchAsync(
        SegmentKey key, Digest digest, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ApiRoutes.Segments}/{key}");
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await body.ReadExactlyAsync(destination, cancellationToken).ConfigureAwait(false);
        }

        if (Digest.Compute(destination.Span) != digest)
        {
            throw new SnapshotGrainsException(
                ErrorCode.ImageCorrupt, $"Segment {key} came over the network with other bytes than its digest's.");
        }
    }
}
