using System.Diagnostics;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>
/// A node of three stands still, as a machine does that hangs or is cut off: its connections stay, and nothing comes
/// through them.
/// </summary>
public sealed class FrozenNodeTests(ClusterDatabases databases) : ClusterTests(databases)
{
    private const int Segment = TestImage.Segment;
    private const int Segments = 24;

    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");

    /// <summary>The longest that a guest waits, on a machine with time to spare.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(10);

    // Guests read on without an error, all that the frozen node had too; when it wakes up, it is one of three again, or
    // ends if it was voted out meanwhile, and is when it is started again.
    [RequiresToolFact(PostgresServer.Tool)]
    public async Task Guests_read_on_while_a_node_stands_still()
    {
        await using var nodes = await ThreeNodes.StartAsync(await Databases.PrepareAsync(Membership.Postgres));
        var content = TestImage.Random(Segments * Segment, seed: 9);
        await nodes.All[0].ImportAsync($"{Image}", content);
        await nodes.Client.CloneAsync(Image, "vm", new CloneOptions(HydrationMode.None));
        await using var host = Host(nodes);
        await using var disk = await host.OpenDiskAsync("vm", DiskAccess.ReadOnly);
        await ReadAllAsync(disk, content);
        var home = await nodes.Client.Control.LocateDiskAsync("vm", None);
        var others = (await nodes.ListAsync()).Where(node => node.Name != home.Node);
        var frozen = others.MaxBy(node => node.Cache.Segments)!;
        frozen.Cache.Segments.Should().BePositive();

        await nodes.Of(frozen.Name).FreezeAsync();
        (await ReadAllAsync(disk, content)).Should().BeLessThan(Stall);
        (await ReadAllAsync(disk, content)).Should().BeLessThan(Stall);
        await Eventually.IsTrueAsync(
            async () => (await nodes.ListAsync()).All(node => node.Name != frozen.Name), "it does not answer");

        await ComeBackAsync(nodes, nodes.Of(frozen.Name), () => ReadAllAsync(disk, content));
        await ReadAllAsync(disk, content);
    }

    private static async Task ComeBackAsync(ThreeNodes nodes, SiloChild frozen, Func<Task> readAll)
    {
        await frozen.ThawAsync();
        await readAll();
        await Eventually.IsTrueAsync(
            async () =>
            {
                if (frozen.HasEnded)
                {
                    (await frozen.WaitForEndAsync()).Should().Be(SiloEnd.ExitCode);
                    await frozen.StartAsync();
                }

                return (await nodes.ListAsync()).Count == 3;
            },
            "it answers again, or does so when it was started again");
    }

    /// <summary>A host whose cache holds next to nothing, so that it asks the silos each time.</summary>
    private static SnapshotGrainsClient Host(ThreeNodes nodes)
    {
        var servers = nodes.All.Select(node => node.Api.Server).ToArray();
        return SnapshotGrainsClient.Connect(
            servers[0], new ClientOptions { Fallbacks = servers[1..], CacheBytes = 4 * Segment });
    }

    /// <summary>Reads and compares the disk.</summary>
    /// <returns>The longest read.</returns>
    private static async Task<TimeSpan> ReadAllAsync(VirtualDisk disk, byte[] content)
    {
        var (longest, bytes) = (TimeSpan.Zero, new byte[Segment]);
        for (var at = 0; at < content.Length; at += Segment)
        {
            var started = Stopwatch.GetTimestamp();
            await disk.ReadAsync(at, bytes);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            bytes.AsSpan().SequenceEqual(content.AsSpan(at, Segment)).Should().BeTrue("segment {0}", at / Segment);
        }

        return longest;
    }
}
