using System.Net;
using Microsoft.Extensions.Configuration;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Settings;

/// <summary>Shows what makes a silo a member of a cluster, and which settings of that are refused.</summary>
public sealed class ClusterSettingsTests
{
    private const string Secret = "Host=db;Password=3f7a91c2";

    [Fact]
    public void By_default_a_process_is_alone()
    {
        // Nobody who runs one node needs to know of clusters.
        var settings = Read();
        settings.Membership.Should().Be(Membership.Local);
        settings.Storage.Should().Be(MetadataStorage.Sqlite);
        settings.ConnectionString.Should().BeNull();
        settings.NodeName.Should().Be("silo");
        settings.Advertise.Should().Be(IPAddress.Loopback);
    }

    [Fact]
    public void Shared_membership_takes_the_rest_from_defaults()
    {
        // With a place to meet given, everything else has a value that works on a machine of its own.
        var (settings, problems) = ReadShared(("Membership", "Postgres"));
        problems.Should().BeEmpty();
        settings!.Storage.Should().Be(MetadataStorage.Postgres);
        settings.Cluster.Should().Be("snapgrains");
        (settings.SiloPort, settings.GatewayPort).Should().Be((11111, 30000));
        settings.NodeName.Should().Be(NodeNames.OfMachine(Environment.MachineName));
    }

    [Theory]
    [InlineData("10.0.0.11:8080", null, "10.0.0.11")]
    [InlineData("127.0.0.1:8080", null, "127.0.0.1")]
    [InlineData("*:8080", "192.0.2.7", "192.0.2.7")]
    [InlineData("10.0.0.11:8080", "192.0.2.7", "192.0.2.7")]
    public void The_address_for_other_nodes_follows_the_http_address(string http, string? advertise, string expected)
    {
        // Who says nothing else is reached where the HTTP API is.
        var (settings, problems) = ReadShared(("Membership", "redis"), ("Http", http), ("Advertise", advertise));
        problems.Should().BeEmpty();
        settings!.Advertise.Should().Be(IPAddress.Parse(expected));
    }

    [Fact]
    public void Any_address_is_not_one_for_other_nodes()
    {
        // Listening everywhere, a node must still name one place; it is one of this machine's.
        var (settings, _) = ReadShared(("Membership", "redis"), ("Http", "*:8080"));
        LocalAddresses.IsAny(settings!.Advertise).Should().BeFalse();
        LocalAddresses.IsHere(settings.Advertise).Should().BeTrue();
    }

    [Theory]
    [InlineData("Membership", "zookeeper", "local or postgres or redis")]
    [InlineData("Membership", "1", "local or postgres or redis")]
    [InlineData("Storage", "sqlite", "each node would have metadata of its own")]
    [InlineData("Storage", "redis", "one database")]
    [InlineData("Cluster", "No Good", "lower-case")]
    [InlineData("SiloPort", "65536", "0 to 65535")]
    [InlineData("SiloPort", "65535", "need the ports from there on")]
    [InlineData("GatewayPort", "11112", "have their own ports")]
    [InlineData("Advertise", "node-1", "IP address")]
    [InlineData("Advertise", "0.0.0.0", "IP address")]
    [InlineData("ConnectionString", "", "is missing")]
    public void A_wrong_setting_of_a_cluster_is_refused_with_the_reason(string setting, string value, string says)
    {
        // Each is named, with its value and what to do, and none of the messages shows the connection string.
        var (_, problems) = ReadShared(("Membership", "postgres"), ("Silos", "3"), (setting, value));
        problems.Should().ContainSingle().Which.Should().Contain(setting).And.Contain(says);
        problems[0].Should().NotContain("3f7a91c2");
    }

    [Theory]
    [InlineData("ConnectionString", Secret)]
    [InlineData("Cluster", "b")]
    [InlineData("SiloPort", "12000")]
    [InlineData("GatewayPort", "12000")]
    [InlineData("Advertise", "10.0.0.1")]
    [InlineData("Storage", "postgres")]
    public void What_only_a_shared_membership_needs_is_refused_without_one(string setting, string value)
    {
        // Whoever gives it expects a cluster, and would otherwise wonder where it is.
        var failure = FluentActions.Invoking(() => Read((setting, value))).Should()
            .Throw<SiloConfigurationException>().Which;
        failure.Message.Should().Contain(setting).And.Contain("Membership").And.NotContain("3f7a91c2");
    }

    [Theory]
    [InlineData("node-1", "node-1")]
    [InlineData("Node_1.Example.COM", "node_1.example.com")]
    [InlineData("-ähm node", "hm-node")]
    [InlineData("", "silo")]
    [InlineData("___", "silo")]
    public void A_host_name_becomes_a_name_of_a_node(string host, string name)
    {
        // Whatever a machine is called, its node has a valid name.
        NodeNames.OfMachine(host).Should().Be(name);
        ResourceName.IsValid(NodeNames.OfMachine(host + new string('x', 100))).Should().BeTrue();
    }

    [Fact]
    public async Task A_connection_string_comes_from_a_file_or_the_environment_or_is_itself_one()
    {
        // The three forms lead to the same text, and what a source says of itself is not secret.
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory["db"], Secret + "\n");
        Environment.SetEnvironmentVariable("SNAPGRAINS_TEST_CONNECTION", Secret);
        foreach (var text in new[] { $"file:{directory["db"]}", "env:SNAPGRAINS_TEST_CONNECTION", Secret })
        {
            var source = ConnectionSource.Parse(text);
            (await source.ReadAsync(CancellationToken.None)).Should().Be(Secret);
            source.ToString().Should().NotContain("3f7a91c2");
        }

        var settings = new SiloSettings { ImageCenter = "", ConnectionString = ConnectionSource.Parse(Secret) };
        settings.ToString().Should().NotContain("3f7a91c2");
    }

    [Theory]
    [InlineData("file:/no/such/file", "/no/such/file")]
    [InlineData("env:SNAPGRAINS_NO_SUCH_VARIABLE", "nothing in it")]
    public async Task A_connection_string_that_cannot_be_read_is_refused(string text, string says)
    {
        // A typing error in the source ends the start with its name.
        var read = () => ConnectionSource.Parse(text).ReadAsync(CancellationToken.None);
        (await read.Should().ThrowAsync<SiloConfigurationException>()).Which.Message.Should().Contain(says);
    }

    /// <summary>Settings with a connection string, or what is wrong with them.</summary>
    private static (SiloSettings? Settings, IReadOnlyList<string> Problems) ReadShared(
        params (string Key, string? Value)[] settings)
    {
        try
        {
            return (Read([("ConnectionString", Secret), .. settings]), []);
        }
        catch (SiloConfigurationException error)
        {
            return (null, error.Problems);
        }
    }

    private static SiloSettings Read(params (string Key, string? Value)[] settings) => SettingsReader.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings
            .Select(pair => KeyValuePair.Create($"{SiloSettings.Section}:{pair.Key}", pair.Value))
            .GroupBy(pair => pair.Key).Select(group => group.Last())).Build(),
        whyNotShared: null);
}
