using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>A silo in another process, asked as the client library asks it: with the checksum compared.</summary>
internal sealed class SiloSource : ISource
{
    private readonly RemoteSegments _segments;
    private readonly SegmentKey[] _keys;

    private SiloSource(RemoteSegments segments, SegmentKey[] keys) => (_segments, _keys) = (segments, keys);

    public static async Task<SiloSource> ConnectAsync(Uri server, SnapshotId snapshot)
    {
        var servers = new ServerList([server], TimeProvider.System);
        var http = SnapshotGrainsClient.HttpOver(servers, server, new ClientOptions());
        var control = new HttpControlPlane(http, TimeProvider.System);
        var nodes = new NodeDirectory(control.ListNodesAsync, TimeProvider.System);
        var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = 16 << 20 }); // fetches pass it by
        var segments = new RemoteSegments(http, nodes, cache, TimeProvider.System);
        var map = await new HttpDataPlane(http, nodes, segments).GetSegmentMapAsync(snapshot, CancellationToken.None);
        return new SiloSource(segments, [.. Enumerable.Range(0, (int)map.Segments.SegmentCount)
            .Select(n => new SegmentKey(snapshot, n, map.Segments.DigestOf(n).ToString()))]);
    }

    public ValueTask FetchAsync(int number, Memory<byte> destination, CancellationToken cancellationToken) =>
        _segments.FetchAsync(_keys[number], hint: null, destination, FetchUrgency.Demand, cancellationToken);
}
