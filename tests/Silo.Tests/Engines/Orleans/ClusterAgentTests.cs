using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tests.Agents;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>
/// Three silo processes and the agents of compute hosts: one fetch, no error, whoever leaves and however.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class ClusterAgentTests(ClusterDatabases databases) : ClusterTests(databases)
{
    private const int Segment = TestImage.Segment;
    private const int Segments = 24;

    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");

    // Eight cold clones are read whole by eight hosts at once: each byte of the image leaves the image center once.
    [RequiresToolFact(PostgresServer.Tool, "qemu-img")]
    public async Task Eight_hosts_that_read_cold_clones_cost_one_fetch()
    {
        await using var nodes = await ThreeNodes.StartAsync(await Databases.PrepareAsync(Membership.Postgres));
        var (content, file) = await ImportAsync(nodes);
        string[] disks = [.. Enumerable.Range(1, 8).Select(n => $"vm{n}")];
        await nodes.Client.Control.CloneAsync(Image, disks, new CloneOptions(HydrationMode.None), None);
        var agents = await Task.WhenAll(disks.Select((disk, n) => TestAgent.StartAsync(
            nodes.All[n % 3].Api.Server, [disk])));

        await Task.WhenAll(agents.Zip(disks, (agent, disk) => CompareAsync(file, agent.UriOf(disk))));

        var listed = await nodes.ListAsync();
        var distinct = (long)TestImage.DataSegments(content) * Segment;
        listed.Sum(node => node.Origin.BytesFetched).Should().Be(
            distinct, "each segment is fetched once, cluster-wide");
        var reads = await Task.WhenAll(nodes.All.Select(node => node.Api.GetStatusAsync(None)));
        reads.Select(status => status.Reads.DistinctBytesNeeded).Should().AllBeEquivalentTo(
            distinct, "every node tells of the cluster");
        reads.Select(status => status.Reads.OriginAmplification).Should().AllBeEquivalentTo(1.0);
        listed.Should().OnlyContain(node => node.Cache.Segments > 0, "the silos share the segments");
        await DisposeAsync(agents);
        await AllShareAHotSegmentAsync(nodes, content);
    }

    // The node that keeps a guest's disk is killed, then each node is restarted in order: the guest sees no error,
    // reads only what was last written, and the disk has it at the end.
    [RequiresToolFact(PostgresServer.Tool)]
    public async Task Guests_go_on_when_a_node_is_killed_and_when_all_are_restarted()
    {
        await using var nodes = await ThreeNodes.StartAsync(await Databases.PrepareAsync(Membership.Postgres));
        var (content, _) = await ImportAsync(nodes);
        await nodes.Client.CloneAsync(Image, "vm");
        await using (var agent = await TestAgent.StartAsync(
            nodes.All[0].Api.Server, ["vm"],
            options: new ClientOptions { Fallbacks = [nodes.All[1].Api.Server, nodes.All[2].Api.Server] }))
        {
            await using var connection = await agent.ConnectAsync("vm");
            var guest = new GuestWork(connection, content, 0, content.Length, seed: 31);
            using var stop = new CancellationTokenSource();
            var work = Task.Run(() => guest.RunAsync(stop.Token));
            await RestartAllAsync(nodes, guest);
            await stop.CancelAsync();
            await work;
            await guest.CheckAllAsync();
        }

        await using var disk = await nodes.Client.OpenDiskAsync("vm", DiskAccess.ReadOnly);
        var stored = new byte[content.Length];
        await disk.ReadAsync(0, stored);
        stored.AsSpan().SequenceEqual(content).Should().BeTrue("the disk has what its guest wrote");
    }

    // A drained node hands its segments over: what is read afterwards costs no further fetch, and it gets none back
    // until it is used again.
    [RequiresToolFact(PostgresServer.Tool, "qemu-img")]
    public async Task A_drained_node_hands_its_segments_over()
    {
        await using var nodes = await ThreeNodes.StartAsync(await Databases.PrepareAsync(Membership.Postgres));
        var (content, file) = await ImportAsync(nodes);
        await nodes.Client.CloneAsync(Image, "vm1", new CloneOptions(HydrationMode.None));
        await nodes.Client.CloneAsync(Image, "vm2", new CloneOptions(HydrationMode.None));
        await ReadAsync(nodes, "vm1", file);
        var fullest = (await nodes.ListAsync()).MaxBy(node => node.Cache.Segments)!;

        await nodes.Client.Control.DrainNodeAsync(fullest.Name, None);
        await Eventually.IsTrueAsync(
            async () => (await NodeAsync(nodes, fullest.Name)).Drain is { IsRunning: false }, "it is drained");

        var drained = await NodeAsync(nodes, fullest.Name);
        (drained.State, drained.Cache.Segments).Should().Be((NodeState.Draining, 0));
        await ReadAsync(nodes, "vm2", file);
        var after = await nodes.ListAsync();
        after.Sum(node => node.Origin.BytesFetched).Should().Be((long)TestImage.DataSegments(content) * Segment);
        after.Single(node => node.Name == fullest.Name).Cache.Segments.Should().Be(0);

        await nodes.Client.Control.ResumeNodeAsync(fullest.Name, None);
        (await NodeAsync(nodes, fullest.Name)).State.Should().Be(NodeState.Active);
    }

    /// <summary>Each node decrypts for its own guests what the others hold; as silos, none makes plaintext.</summary>
    [RequiresToolFact(PostgresServer.Tool)]
    public async Task Every_node_reads_a_disk_without_a_key_that_was_cloned_from_an_encrypted_snapshot()
    {
        using var keks = new KekFiles();
        await using var nodes = await ThreeNodes.StartAsync(
            await Databases.PrepareAsync(Membership.Postgres), "--kek", keks.SourceOf(1));
        var (content, _) = await ImportAsync(nodes);
        await nodes.All[0].Api.CreateKeyAsync("tenant", None);
        var snapshot = SnapshotId.Parse("secret@1");
        await nodes.Client.CloneAsync(Image, "secret", new CloneOptions(
            HydrationMode.None, new DiskLayout(null, null, null, "tenant")));
        while (!(await nodes.Client.Control.SnapshotDiskAsync("secret", snapshot, None)).IsDone)
        {
            await Task.Delay(50);
        }

        await nodes.Client.CloneAsync(snapshot, "open", new CloneOptions(
            HydrationMode.None, new DiskLayout(null, null, null, ReplicaId.NoKey)));
        var made = (await nodes.ListAsync()).Sum(node => node.Derivation.SegmentsDerived);
        foreach (var node in nodes.All)
        {
            await using var guest = await node.ConnectAsync("open:takeover");
            (await guest.ReadAsync(0, content.Length)).AsSpan().SequenceEqual(content).Should().BeTrue();
        }

        (await nodes.ListAsync()).Sum(node => node.Derivation.SegmentsDerived).Should().Be(made);
    }

    // A thousand disks are cloned by one call; any node knows all of them, also when the one that was asked is killed.
    [RequiresToolFact(PostgresServer.Tool)]
    public async Task A_batch_of_a_thousand_disks_outlives_the_node_that_was_asked()
    {
        await using var nodes = await ThreeNodes.StartAsync(await Databases.PrepareAsync(Membership.Postgres));
        await ImportAsync(nodes);
        var spec = new BatchCloneSpec(Image, "vm-", Count: 1000, Hydration: HydrationMode.None);
        await nodes.Client.Control.StartBatchCloneAsync("batch", spec, None);
        await nodes.All[0].KillAsync();

        await Eventually.IsTrueAsync(
            async () => (await nodes.Client.Control.StartBatchCloneAsync("batch", spec, None)).State
                == BatchCloneState.Succeeded, "the batch is done");
        (await nodes.Client.Control.ListDisksAsync(None)).Should().HaveCount(1000);
    }

    /// <summary>Who wants a segment that many want is sent on to a copy, so that all nodes send it alike.</summary>
    private static async Task AllShareAHotSegmentAsync(ThreeNodes nodes, byte[] content)
    {
        var senders = new SenderLog(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var http = new HttpClient(senders);
        await using var cache = new SegmentCache(new SegmentCacheOptions { BudgetBytes = 1 << 20 });
        var segments = new RemoteSegments(
            http, new NodeDirectory(nodes.Client.Control.ListNodesAsync, TimeProvider.System), cache,
            TimeProvider.System);
        var bytes = content[Segment..(2 * Segment)];
        var key = new SegmentKey(Image, 1, Digest.Compute(bytes).ToString());
        for (var i = 0; i < 600; i++)
        {
            var copy = new byte[Segment];
            await segments.FetchAsync(key, hint: null, copy, FetchUrgency.Demand, None);
            copy.AsSpan().SequenceEqual(bytes).Should().BeTrue();
        }

        var late = senders.Senders.TakeLast(300).CountBy(sender => sender).ToArray();
        late.Should().HaveCount(3).And.OnlyContain(sender => sender.Value < 150, "the owner alone would send all");
    }

    private static async Task RestartAllAsync(ThreeNodes nodes, GuestWork guest)
    {
        var home = await nodes.Client.Control.LocateDiskAsync("vm", None);
        await nodes.Of(home.Node).KillAsync();
        await GoesOnAsync(guest);
        await nodes.Of(home.Node).StartAsync();
        await UntilAsync(nodes, 3);
        foreach (var node in nodes.All)
        {
            await node.StopAsync();
            await GoesOnAsync(guest);
            await node.StartAsync();
            await UntilAsync(nodes, 3);
        }
    }

    private static async Task GoesOnAsync(GuestWork guest)
    {
        var requests = guest.Requests;
        await Eventually.IsTrueAsync(() => Task.FromResult(guest.Requests > requests + 20), "the guest goes on");
    }

    private static async Task<(byte[] Content, string File)> ImportAsync(ThreeNodes nodes)
    {
        var content = TestImage.Random(Segments * Segment, seed: 3);
        await nodes.All[0].ImportAsync(Image.ToString(), content);
        var file = Path.Combine(nodes.All[0].Data, "image.raw");
        await File.WriteAllBytesAsync(file, content);
        return (content, file);
    }

    private static async Task ReadAsync(ThreeNodes nodes, string disk, string file)
    {
        await using var agent = await TestAgent.StartAsync(nodes.All[0].Api.Server, [disk]);
        await CompareAsync(file, agent.UriOf(disk));
    }

    private static async Task<NodeInfo> NodeAsync(ThreeNodes nodes, string name) =>
        (await nodes.ListAsync()).Single(node => node.Name == name);

    private static Task UntilAsync(ThreeNodes nodes, int count) => Eventually.IsTrueAsync(
        async () => (await nodes.ListAsync()).Count(node => node.Endpoints is not null) == count,
        $"{count} silos are up");

    private static Task CompareAsync(string file, string uri) =>
        Tool.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", file, uri);

    private static async Task DisposeAsync(IEnumerable<TestAgent> agents)
    {
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }
}
