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
    public async ValueTask<SnapshotMap> GetSegmentMapAsync(
        SnapshotId snapshot, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.SegmentMapOf(snapshot));
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            var map = SegmentMap.Read(
                await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            return new SnapshotMap(map, KeyOf(snapshot, response));
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw Broken($"the segment map of {snapshot}", error);
        }
        catch (CorruptFormatException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.ImageCorrupt, $"The segment map of {snapshot} came damaged: {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public async ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, CancellationToken cancellationToken)
    {
        try
        {
            return await cache.GetOrLoadAsync(
                digest, lengthBytes, (destination, token) => FetchAsync(key, digest, destination, token),
                cancellationToken, isDerived: !key.Replica.IsBase).ConfigureAwait(false);
        }
        catch (CacheExhaustedException error)
        {
            throw new SnapshotGrainsException(ErrorCode.CacheExhausted, error.Message, error);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw Broken($"segment {key}", error);
        }
    }

    private static KeyRef? KeyOf(SnapshotId snapshot, HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues(SegmentHeaders.Key, out var values))
        {
            return null;
        }

        return KeyRef.TryParse(values.First(), out var key) ? key : throw new SnapshotGrainsException(
            ErrorCode.Internal, $"The server names '{values.First()}' as the key of {snapshot}: not NAME.ID.");
    }

    private SnapshotGrainsException Broken(string what, Exception error) => new(
        ErrorCode.SiloUnavailable, $"{http.BaseAddress} broke off while it sent {what}: {error.Message}", error);

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

        var promised = key.Replica.IsBase ? digest : SegmentHeaders.ReadDigest(response.Headers);
        if (Digest.Compute(destination.Span) != promised)
        {
            throw new SnapshotGrainsException(
                ErrorCode.ImageCorrupt, $"Segment {key} came over the network with other bytes than its digest's.");
        }
    }
}
