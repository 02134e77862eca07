namespace SnapshotGrains.Nbd.Tests;

/// <summary>A read that the export answers at once allocates nothing on the managed heap.</summary>
public sealed class AllocationTests
{
    private const int Batches = 2000;
    private const int BatchRequests = 32;
    private const int WarmUpBatches = 100;
    private const int IntervalBatches = 100;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hot_read_allocates_nothing(bool structured)
    {
        using var disk = new MemoryDisk(1024 * 1024);
        disk.Write(0, new byte[1024 * 1024]);
        var requests = Enumerable.Range(0, BatchRequests).Select(i => NbdPeer.Request(0, (ulong)i * 4096, 4096));
        using var transport = new ReplayTransport(NbdPeer.Join(requests.ToArray()), Batches);
        var (before, least) = (long.MinValue, long.MaxValue);
        transport.OnReceive = left =>
        {
            if (left <= Batches - WarmUpBatches && left % IntervalBatches == 0)
            {
                // The least of all intervals: see Allocations.
                var now = GC.GetAllocatedBytesForCurrentThread();
                least = before == long.MinValue ? least : Math.Min(least, now - before);
                before = now;
            }
        };
        var loop = CreateLoop(transport, new MemoryExport(disk, "x"), structured);

        loop.Run().Should().Be(NbdCloseReason.ConnectionLost);

        least.Should().Be(0);
        var head = structured ? 28 : 16;
        transport.BytesSent.Should().Be((long)Batches * BatchRequests * (4096 + head));
    }

    private static RequestLoop CreateLoop(NbdTransport transport, INbdExport export, bool structured)
    {
        var session = new TransmissionSession(
            new NegotiatedExport(export, structured, BlockStatus: false), transport, new NbdServerOptions(),
            new NbdConnectionInfo(1, "", ""), CancellationToken.None);
        return new RequestLoop(session, new ReceiveBuffer(transport, 64 * 1024), CancellationToken.None);
    }
}
