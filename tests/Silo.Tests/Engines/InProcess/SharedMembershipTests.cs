using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Shows that a build whose engine runs within one process says so, and what to do.</summary>
public sealed class SharedMembershipTests
{
    [Theory]
    [InlineData("postgres")]
    [InlineData("redis")]
    public async Task A_shared_membership_is_refused_with_the_way_to_get_it(string membership)
    {
        // Whoever asks for a cluster must not get a lonely silo.
        using var directory = new TempDirectory();
        var start = () => SiloProcess.StartAsync(
            new Dictionary<string, string?>
            {
                ["Membership"] = membership, ["ConnectionString"] = "Host=db", ["Data"] = directory["data"],
            },
            CancellationToken.None);
        (await start.Should().ThrowAsync<SiloConfigurationException>()).Which.Problems.Should()
            .ContainSingle().Which.Should().Contain(membership).And.Contain("GrainEngine=Orleans");
    }

    [Fact]
    public async Task A_cluster_cannot_be_prepared_either()
    {
        // The command that prepares one needs the other engine's libraries.
        var run = await CliRun.OfAsync(
            FakeSilo.Silent(), "cluster init --membership postgres --connection-string Host=db");
        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain("GrainEngine=Orleans");
    }
}
