using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Shows that NBD_CMD_CACHE loads what it names, whatever the segment size and whoever holds the bytes.
/// </summary>
public sealed class CacheCommandTests
{
    private const int Segment = 64 << 10;
    private const int Segments = 40;

    [Fact]
    public async Task Every_segment_of_the_range_is_loaded_and_no_other()
    {
        await using var silo = await TestSilo.StartAsync();
        var content = new byte[Segments * Segment];
        new Random(3).NextBytes(content);
        var image = await silo.ImportAsync("img@1", content, Segment);
        await silo.Api.CloneAsync(image.Id, ["vm"], HydrationMode.None, CancellationToken.None);
        await using var client = await NbdPeers.ConnectAsync(silo, "vm");

        // The first bytes of segment 5 are the disk's own; the rest of it is not.
        await client.WriteAsync(5 * Segment, new byte[4096]);
        await client.CacheAsync(2 * Segment, 30 * Segment);

        var nodes = (await silo.Api.GetStatusAsync(CancellationToken.None)).Nodes;
        nodes.Sum(node => node.Origin.SegmentsFetched).Should().Be(30);
    }
}
