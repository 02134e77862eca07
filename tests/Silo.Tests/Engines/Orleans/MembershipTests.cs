using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Shows that processes that share a database are one cluster, whoever comes and goes.</summary>
public sealed class MembershipTests(ClusterDatabases databases) : ClusterTests(databases)
{
    /// <summary>How long a silo that hangs may be taken for alive: 10 s, if there is time to spare.</summary>
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(30);

    [RequiresToolTheory(PostgresServer.Tool, RedisServer.Tool)]
    [InlineData(Membership.Postgres)]
    [InlineData(Membership.Redis)]
    public async Task What_one_process_writes_another_reads_and_a_restart_of_both_keeps(Membership membership)
    {
        // Two processes list the same silos, and the same images, disks and operations, before and after a restart.
        var connection = await Databases.PrepareAsync(membership);
        var (first, second) = (SettingsOf(membership, connection, "a"), SettingsOf(membership, connection, "b"));
        first["Silos"] = "1";
        await using (var a = await SiloProcess.StartAsync(first, None))
        await using (var b = await SiloProcess.StartAsync(second, None))
        {
            foreach (var process in new[] { a, b })
            {
                (await NodesOf(process)).Should().Equal("a-0", "b-0");
                process.SiloNames.Should().ContainSingle();
            }

            await ImportAsync(a, "debian@v1");
            await RunAsync(b, "clone debian@v1 vm1 vm2 --hydrate none");
            await RunAsync(a, "clone debian@v1 --count 100 --prefix many- --hydrate none --wait");
            (await a.Client.Control.ListDisksAsync(None)).Should().HaveCount(102);
        }

        await using var again = await SiloProcess.StartAsync(second, None);
        (await again.Client.Control.ListDisksAsync(None)).Should().HaveCount(102);
        (await again.Client.Control.ListImagesAsync(None)).Should().ContainSingle();
        await using var other = await SiloProcess.StartAsync(first, None);
        (await NodesOf(again)).Should().Equal("a-0", "b-0");
        (await other.Client.Control.GetDiskAsync("vm2", None)).Name.Should().Be("vm2");
    }

    [RequiresToolTheory(PostgresServer.Tool, RedisServer.Tool)]
    [InlineData(Membership.Postgres)]
    [InlineData(Membership.Redis)]
    public async Task A_killed_node_is_out_within_seconds_and_comes_back_at_once(Membership membership)
    {
        // Two of three nodes vote a killed one out, and its successor on the same address needs no waiting.
        var connection = await Databases.PrepareAsync(membership);
        await using var a = await SiloProcess.StartAsync(SettingsOf(membership, connection, "a"), None);
        await using var b = await SiloProcess.StartAsync(SettingsOf(membership, connection, "b"), None);
        await using var child = ChildOf(SettingsOf(membership, connection, "c"));
        await child.StartAsync();
        (await NodesOf(a)).Should().Equal("a-0", "b-0", "c-0");

        await child.KillAsync();
        foreach (var process in new[] { a, b })
        {
            await Eventually.IsTrueAsync(
                async () => (await NodesOf(process)).SequenceEqual(["a-0", "b-0"]), "c is out", DeathLimit);
        }

        await child.StartAsync();
        await child.KillAsync();
        await child.StartAsync();
        (await child.Api.ListNodesAsync(None)).Select(node => node.Name).Should().Equal("a-0", "b-0", "c-0");
    }

    [RequiresToolFact(PostgresServer.Tool)]
    public async Task A_node_that_was_voted_out_while_it_stood_still_ends_and_comes_back()
    {
        // It must not go on as if it owned what others have taken over; what starts it again need not wait.
        var connection = await Databases.PrepareAsync(Membership.Postgres);
        await using var a = await SiloProcess.StartAsync(SettingsOf(Membership.Postgres, connection, "a"), None);
        await using var b = await SiloProcess.StartAsync(SettingsOf(Membership.Postgres, connection, "b"), None);
        await using var child = ChildOf(SettingsOf(Membership.Postgres, connection, "c"));
        await child.StartAsync();
        var members = new NodeSurvey(a.Find("a-0")!.Grains, DeathLimit, TimeProvider.System);
        (await members.ListAsync()).Should().HaveCount(3);

        await child.FreezeAsync();
        await Eventually.IsTrueAsync(async () => (await members.ListAsync()).Count == 2, "c is voted out", HangLimit);
        await child.ThawAsync();
        (await child.WaitForEndAsync()).Should().Be(SiloEnd.ExitCode);
        child.Log.Should().Contain("joins the cluster anew").And.Contain("told I am dead");

        await child.StartAsync();
        (await NodesOf(b)).Should().Equal("a-0", "b-0", "c-0");
    }

    [RequiresToolFact(PostgresServer.Tool)]
    public async Task A_cluster_that_was_killed_as_a_whole_starts_with_one_of_its_nodes()
    {
        // Nobody is left to vote; after a while without a sign of life the dead do not count any more.
        var connection = await Databases.PrepareAsync(Membership.Postgres);
        await using var first = ChildOf(SettingsOf(Membership.Postgres, connection, "a"));
        await using var second = ChildOf(SettingsOf(Membership.Postgres, connection, "b"));
        await Task.WhenAll(first.StartAsync(), second.StartAsync());
        await Task.WhenAll(first.KillAsync(), second.KillAsync());

        await first.StartAsync();
        await Eventually.IsTrueAsync(
            async () => (await first.Api.ListNodesAsync(None)).Count == 1, "only a is listed", DeathLimit);
    }

    [RequiresToolTheory(PostgresServer.Tool, RedisServer.Tool)]
    [InlineData(Membership.Postgres)]
    [InlineData(Membership.Redis)]
    public async Task A_second_node_of_the_same_name_is_refused(Membership membership)
    {
        // Their silos would have the same names; the one that came first stays as it is.
        var connection = await Databases.PrepareAsync(membership);
        await using var a = await SiloProcess.StartAsync(SettingsOf(membership, connection, "a"), None);
        var twin = SettingsOf(membership, connection, "a");
        twin["Data"] = DataOf("twin");

        var start = () => SiloProcess.StartAsync(twin, None);
        var failure = await start.Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(ErrorCode.AlreadyExists);
        failure.Which.Message.Should().Contain("'a-0'").And.Contain("--node-name");
        (await NodesOf(a)).Should().Equal("a-0");
    }

    [RequiresToolFact(PostgresServer.Tool)]
    public async Task A_port_that_is_taken_is_named()
    {
        // Two nodes on one machine with the same ports: the second says which setting to change.
        var connection = await Databases.PrepareAsync(Membership.Postgres);
        var settings = SettingsOf(Membership.Postgres, connection, "a");
        await using var a = await SiloProcess.StartAsync(settings, None);
        var second = SettingsOf(Membership.Postgres, connection, "b");
        second["GatewayPort"] = settings["GatewayPort"];

        var start = () => SiloProcess.StartAsync(second, None);
        (await start.Should().ThrowAsync<SiloConfigurationException>()).Which.Message
            .Should().Contain("GatewayPort").And.Contain(settings["GatewayPort"]);
    }

    [RequiresToolFact(PostgresServer.Tool)]
    public async Task Clusters_of_other_names_do_not_see_each_other()
    {
        // The name of the cluster keeps silos apart that meet in the same database.
        var connection = await Databases.PrepareAsync(Membership.Postgres);
        await using var a = await SiloProcess.StartAsync(SettingsOf(Membership.Postgres, connection, "a"), None);
        var other = SettingsOf(Membership.Postgres, connection, "b");
        other["Cluster"] = "second";
        await using var b = await SiloProcess.StartAsync(other, None);
        (await NodesOf(a)).Should().Equal("a-0");
        (await NodesOf(b)).Should().Equal("b-0");
    }

    private static async Task ImportAsync(SiloProcess process, string snapshot) => await RunAsync(
        process, $"image import - {snapshot}", new MemoryStream(TestImage.Random(2 * TestImage.Segment)));

    private static async Task RunAsync(SiloProcess process, string line, Stream? input = null)
    {
        var run = await CliRun.OfAsync(process.HttpAddress, line, input);
        run.ExitCode.Should().Be(0, run.Error);
    }

    /// <summary>A node as a process of its own, with these settings in its environment.</summary>
    private static SiloChild ChildOf(Dictionary<string, string?> settings)
    {
        var child = new SiloChild();
        foreach (var (name, value) in settings.Where(setting => setting.Key is not ("Data" or "Http" or "Nbd")))
        {
            child.Environment[$"SNAPSHOTGRAINS__{name.ToUpperInvariant()}"] = value!;
        }

        return child;
    }
}
