using System.Reflection;
using System.Runtime.Versioning;
using System.Text;
using Orleans.Runtime;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Shows that PostgreSQL keeps the state of each of our grains, and that its password stays secret.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StateTests(ClusterDatabases databases) : ClusterTests(databases)
{
    /// <summary>Fills every state of a grain.</summary>
    private static readonly string[] Session =
    [
        "key create tenant-1",
        "clone debian@v1 vm1 vm2 --hydrate eager",
        "clone debian@v1 vm3 --key tenant-1 --stripe-unit 64K --stripe-count 4",
        "clone debian@v1 --count 20 --prefix many- --id wave-1 --wait",
        "replica create debian@v1 --stripe-unit 64K --stripe-count 4 --build eager --keep --wait",
        "disk flatten vm1 vm2 --wait",
        "node drain a-1",
        "image rm debian@v1 --defer",
    ];

    /// <summary>What grains have stored; not how much of it a process has in memory.</summary>
    private static readonly string[] Listings =
    [
        "image ls --json", "disk ls --json", "batch ls --json", "batch info wave-1 --json", "key ls --json",
        "replica ls --quiet", "trace show debian@v1 --json",
    ];

    private static readonly byte[] Trace = Encoding.UTF8.GetBytes(
        $"snapshotgrains trace 1\nsize {8 * TestImage.Segment}\nsegment-size {TestImage.Segment}\n4 0\n1 20\n");

    [RequiresToolFact(PostgresServer.Tool)]
    public async Task Every_state_comes_back_as_it_was()
    {
        // Each state that a grain asks for is in the table, as JSON, and a process that starts anew reads all of it.
        using var keks = new KekFiles();
        var connection = await Databases.PrepareAsync(Membership.Postgres);
        var settings = SettingsOf(Membership.Postgres, connection, "a");
        settings["Kek"] = keks.SourceOf(1);
        settings["Silos"] = "2";
        (settings["SiloPort"], settings["GatewayPort"]) = ("0", "0");
        string[] before;
        await using (var process = await SiloProcess.StartAsync(settings, None))
        {
            var image = new MemoryStream(TestImage.Random(8 * TestImage.Segment));
            await RunAsync(process, "image import - debian@v1", image);
            await RunAsync(process, "trace import - debian@v1", new MemoryStream(Trace));
            foreach (var line in Session)
            {
                await RunAsync(process, line);
            }

            before = await Task.WhenAll(Listings.Select(line => RunAsync(process, line)));
        }

        var stored = await (await Databases.Postgres).RunAsync(
            connection[(connection.LastIndexOf('=') + 1)..],
            "SELECT DISTINCT state_name FROM snapgrains_state WHERE convert_from(payload, 'utf8')::jsonb IS NOT NULL");
        stored.Split('\n').Should().BeEquivalentTo(StateNames());
        await using var again = await SiloProcess.StartAsync(settings, None);
        (await Task.WhenAll(Listings.Select(line => RunAsync(again, line)))).Should().Equal(before);
    }

    [Fact]
    public void No_two_grains_have_states_of_the_same_name()
    {
        // In Orleans' relational storage a state's key is its name and the grain's key, not the grain's type.
        StateNames().Should().OnlyHaveUniqueItems();
    }

    [RequiresToolTheory(PostgresServer.Tool, RedisServer.Tool)]
    [InlineData(Membership.Postgres, PostgresServer.Password)]
    [InlineData(Membership.Redis, RedisServer.Password)]
    public async Task The_password_is_in_no_log_and_no_answer(Membership membership, string password)
    {
        // Orleans logs its options, drivers log what they connect to: none of it, at the finest level, shows it.
        var connection = await Databases.PrepareAsync(membership);
        await using var silo = new SiloChild
        {
            Options =
            [
                "--membership", $"{membership}", "--connection-string", "env:DATABASE", "--silo-port", "0",
                "--gateway-port", "0", "--image-center", Center,
            ],
            Environment =
            {
                ["DATABASE"] = connection, ["Logging__Console__LogLevel__Default"] = "Trace",
                ["Logging__LogLevel__Default"] = "Trace",
            },
            KeptLines = int.MaxValue,
        };
        await silo.StartAsync();
        try
        {
            using var http = new HttpClient { BaseAddress = silo.Api.Server };
            (await http.GetStringAsync("/v1/status")).Should().NotContain(password);
        }
        catch (HttpRequestException error)
        {
            var last = silo.Log[^Math.Min(silo.Log.Length, 20_000)..];
            throw new InvalidOperationException($"The silo said at last:\n{last}", error);
        }

        await silo.KillAsync();

        silo.Log.Should().Contain("Orleans", "the scan sees what the engine logs");
        SecretScan.ShouldLack(Encoding.UTF8.GetBytes(silo.Log), [Encoding.UTF8.GetBytes(password)], "the log");
    }

    private static IEnumerable<string> StateNames() => typeof(DiskRecord).Assembly.GetTypes()
        .SelectMany(type => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        .SelectMany(constructor => constructor.GetParameters())
        .Select(parameter => parameter.GetCustomAttribute<PersistentStateAttribute>()?.StateName)
        .OfType<string>();

    private static async Task<string> RunAsync(SiloProcess process, string line, Stream? input = null)
    {
        var run = await CliRun.OfAsync(process.HttpAddress, line, input);
        run.ExitCode.Should().Be(0, $"'{line}' should do it: {run.Error}");
        return run.Out;
    }
}
