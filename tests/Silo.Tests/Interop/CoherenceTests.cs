using SnapshotGrains.Nbd;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Shows that connections to one disk see one disk.</summary>
public sealed class CoherenceTests
{
    private const int Connections = 4;
    private const int Seed = 5;
    private const int LaneBytes = 1 << 20;

    [Fact]
    public async Task What_one_connection_wrote_and_flushed_every_other_one_reads()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync("img@1", TestImage.Random(Connections * LaneBytes, Seed));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);
        var clients = await silo.ConnectAsync("disk", Connections);
        var rounds = TestTier.Pick(quick: 2_000, full: 10_000) / Connections;

        var stale = await Task.WhenAll(Enumerable.Range(0, Connections).Select(lane =>
            Task.Run(() => CountStaleReadsAsync(clients, lane, rounds))));

        stale.Sum().Should().Be(0, "seed {0}", Seed);
        await clients.CloseAsync();
    }

    [RequiresToolFact("nbdcopy", "qemu-img")]
    public async Task Four_connections_of_nbdcopy_fill_a_disk_and_read_it_back()
    {
        var size = TestTier.Pick(quick: 32, full: 256) * TestImage.Segment;
        await using var silo = await TestSilo.StartAsync();
        await silo.ImportAsync("img@1", TestImage.Random(size, Seed));
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk");
        var (source, copy) = (Path.Combine(silo.Directory, "source.raw"), Path.Combine(silo.Directory, "copy.raw"));
        var content = TestImage.Random(size, Seed + 1);
        await File.WriteAllBytesAsync(source, content);

        await Tool.CheckAsync("nbdcopy", "--connections=4", "--flush", source, silo.UnixUri("disk"));
        await Tool.CheckAsync("nbdcopy", "--connections=4", silo.UnixUri("disk"), copy);

        (await File.ReadAllBytesAsync(copy)).AsSpan().SequenceEqual(content).Should().BeTrue();
        (await Tool.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", source, silo.TcpUri("disk")))
            .Should().Contain("identical");
    }

    /// <summary>Each lane has bytes of its own, so that it knows what must be there.</summary>
    private static async Task<int> CountStaleReadsAsync(NbdClient[] clients, int lane, int rounds)
    {
        var random = new Random(Seed + lane);
        var stale = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = new byte[random.Next(1, 16 << 10)];
            random.NextBytes(bytes);
            var offset = (lane * LaneBytes) + random.Next(LaneBytes - bytes.Length);
            var writer = random.Next(Connections);
            await clients[writer].WriteAsync(offset, bytes);
            await clients[writer].FlushAsync();
            var reader = (writer + 1 + random.Next(Connections - 1)) % Connections;
            var read = await clients[reader].ReadAsync(offset, bytes.Length);
            stale += read.AsSpan().SequenceEqual(bytes) ? 0 : 1;
        }

        return stale;
    }
}
