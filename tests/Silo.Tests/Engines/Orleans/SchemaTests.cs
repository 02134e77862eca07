using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Shows how a database is prepared for a cluster, and what is said of one that is not.</summary>
public sealed class SchemaTests(ClusterDatabases databases) : ClusterTests(databases)
{
    [RequiresToolFact(PostgresServer.Tool)]
    public async Task A_database_that_is_not_prepared_is_refused_with_the_command_that_does_it()
    {
        // The message's command is the remedy: after it the same settings start.
        var connection = await Databases.CreateAsync(Membership.Postgres);
        var settings = SettingsOf(Membership.Postgres, connection, "a");
        var start = () => SiloProcess.StartAsync(settings, None);
        (await start.Should().ThrowAsync<SiloConfigurationException>()).Which.Message
            .Should().Contain("snapgrains cluster init --membership postgres");

        await File.WriteAllTextAsync(DataOf("connection"), connection);
        (await InitAsync($"--membership postgres --connection-string file:{DataOf("connection")}"))
            .Out.Should().Contain("ready");
        await using var process = await SiloProcess.StartAsync(settings, None);
        process.SiloNames.Should().Equal("a-0");
    }

    [RequiresToolFact(PostgresServer.Tool)]
    public async Task It_may_be_prepared_again_and_by_several_at_once()
    {
        // Eight at once and one after them leave one schema, and none fails.
        var connection = await Databases.CreateAsync(Membership.Postgres);
        var source = ConnectionSource.Parse(connection);
        var setup = ClusterSetup.Of(Membership.Postgres);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => setup.ApplyAsync(source, None)));
        await setup.ApplyAsync(source, None);
        (await QueryAsync(connection, "SELECT count(*), max(version) FROM snapgrains_schema")).Should().Be("1|1");
    }

    [RequiresToolFact(PostgresServer.Tool)]
    public async Task The_script_that_is_printed_is_the_one_that_is_run()
    {
        // Who may not run it hands it to somebody who may.
        var script = (await InitAsync("--membership postgres --dry-run")).Out;
        var connection = await Databases.CreateAsync(Membership.Postgres);
        await QueryAsync(connection, script);
        await using var process = await SiloProcess.StartAsync(
            SettingsOf(Membership.Postgres, connection, "a"), None);
        process.SiloNames.Should().Equal("a-0");
    }

    [RequiresToolTheory(PostgresServer.Tool)]
    [InlineData("CREATE TABLE OrleansQuery (QueryKey text)", "another Orleans application")]
    [InlineData("CREATE TABLE snapgrains_schema AS SELECT true AS is_only, 2 AS version", "newer version")]
    public async Task What_is_somebody_elses_is_left_alone(string sql, string says)
    {
        // The queries of another application, and tables of a newer build, would be overwritten.
        var connection = await Databases.CreateAsync(Membership.Postgres);
        await QueryAsync(connection, sql);
        var init = () => ClusterSetup.Of(Membership.Postgres).ApplyAsync(ConnectionSource.Parse(connection), None);
        (await init.Should().ThrowAsync<SiloConfigurationException>()).Which.Message.Should().Contain(says);
    }

    [RequiresToolFact(RedisServer.Tool)]
    public async Task Redis_that_may_lose_metadata_is_said_to()
    {
        // A Redis as it comes keeps nothing; one with an append-only file that is flushed gives no cause to complain.
        var connection = await Databases.CreateAsync(Membership.Redis);
        var setup = ClusterSetup.Of(Membership.Redis);
        (await setup.ApplyAsync(ConnectionSource.Parse(connection), None)).Should().ContainSingle()
            .Which.Should().Contain("appendonly yes");

        await using var reliable = await RedisServer.StartAsync(isReliable: true);
        (await setup.ApplyAsync(ConnectionSource.Parse(reliable.CreateDatabase()), None)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(Membership.Postgres, "Host=127.0.0.1;Port=1;Password=3f7a91c2", ErrorCode.SiloUnavailable)]
    [InlineData(Membership.Redis, "127.0.0.1:1,password=3f7a91c2,connectTimeout=500", ErrorCode.SiloUnavailable)]
    [InlineData(Membership.Postgres, "3f7a91c2", null)]
    [InlineData(Membership.Postgres, "Host=db;3f7a91c2=x", null)]
    [InlineData(Membership.Redis, "127.0.0.1:1,3f7a91c2=x", null)]
    public async Task A_database_that_cannot_be_had_is_named_without_its_password(
        Membership membership, string connection, ErrorCode? code)
    {
        // Neither a parser nor a driver gets to quote the connection string.
        var settings = SettingsOf(membership, connection, "a");
        var start = () => SiloProcess.StartAsync(settings, None);
        var failure = (await start.Should().ThrowAsync<Exception>()).Which;
        (failure as SnapshotGrainsException)?.Code.Should().Be(code);
        failure.Should().Match(error => error is SnapshotGrainsException || error is SiloConfigurationException);
        failure.Message.Should().ContainEquivalentOf($"{membership}").And.NotContain("3f7a91c2");
    }

    private static async Task<CliRun> InitAsync(string options)
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), $"cluster init {options}");
        run.ExitCode.Should().Be(0, run.Error);
        return run;
    }

    private async Task<string> QueryAsync(string connection, string sql) =>
        await (await Databases.Postgres).RunAsync(connection[(connection.LastIndexOf('=') + 1)..], sql);
}
