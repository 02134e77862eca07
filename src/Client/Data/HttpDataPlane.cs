using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Reads from silos in other processes over HTTP, through one segment cache that all disks of this host share.
/// </summary>
/// <param name="http">A client whose base address stands for the cluster.</param>
/// <param name="nodes">The silos.</param>
/// <param name="segments">Fetches segments, through the host-wide cache.</param>
public sealed class HttpDataPlane(HttpClient http, NodeDirectory nodes, RemoteSegments segments) : IDataPlane
{
    /// <inheritdoc />
    public async ValueTask<SnapshotMap> GetSegmentMapAsync(
        SnapshotId snapshot, CancellationToken cancellationToken)
    {
        await nodes.GetAsync(cancellationToken).ConfigureAwait(false); // a client by grains learns of servers from it
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
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"{http.BaseAddress} broke off while it sent the segment map of {snapshot}: {error.Message}", error);
        }
        catch (CorruptFormatException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.ImageCorrupt, $"The segment map of {snapshot} came damaged: {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, FetchUrgency urgency, CancellationToken cancellationToken) =>
        segments.LeaseAsync(key, digest, lengthBytes, hint: null, urgency, cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool?> PrepareAsync(SegmentKey key, Digest digest, CancellationToken cancellationToken) =>
        segments.PrepareAsync(key, digest, cancellationToken);

    private static KeyRef? KeyOf(SnapshotId snapshot, HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues(SegmentHeaders.Key, out var values))
        {
            return null;
        }

        return KeyRef.TryParse(values.First(), out var key) ? key : throw new SnapshotGrainsException(
            ErrorCode.Internal, $"The server names '{values.First()}' as the key of {snapshot}: not NAME.ID.");
    }
}
