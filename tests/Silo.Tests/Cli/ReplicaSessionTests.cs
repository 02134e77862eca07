using System.Text.Json;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows replicas against a real silo: created, built, listed, described, removed, and there after a restart.
/// </summary>
public sealed class ReplicaSessionTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const string Striped = "debian@v1 1M/64K/4 plain";

    [Fact]
    public async Task An_eager_replica_is_ready_when_the_wait_is_over_and_after_a_restart()
    {
        const string Create =
            "replica create debian@v1 --stripe-unit 64K --stripe-count 4 --build eager --wait";
        await using var silo = await StartAsync();
        (await SucceedAsync(silo, Create)).Should()
            .MatchRegex($"^{Striped} is ready: \\d+ segments, .*, verified, in ");
        var before = await ReadAsync(silo);

        await silo.RestartAsync();

        var after = await ReadAsync(silo);
        after.Should().Be(before with { ResidentSegments = 0 });
        after.BuiltSegments.Should().Be(after.Segments);
        after.LogicalDigest.Should().MatchRegex("^[0-9a-f]{64}$");
        (await SucceedAsync(silo, Create)).Should().StartWith($"{Striped} is ready: ", "there is nothing left to do");
    }

    [Fact]
    public async Task Replicas_are_listed_described_and_removed_by_the_same_words()
    {
        await using var silo = await StartAsync();
        (await SucceedAsync(silo, "replica create debian@v1 --segment-size 4M"))
            .Should().Be("debian@v1 4M/4M/1 plain is there; its segments are made when they are first read.");
        (await SucceedAsync(silo, "replica create debian@v1 --stripe-unit 64K --stripe-count 4 --keep"))
            .Should().EndWith("when they are first read, and kept.");

        (await SucceedAsync(silo, "replica ls -q")).ReplaceLineEndings("\n").Should()
            .Be($"{Striped}\ndebian@v1 4M/4M/1 plain");
        (await SucceedAsync(silo, "replica ls debian@v1")).Should()
            .MatchRegex($"{Striped} +lazy +lazy +0.0 % +0 B +0.0 %");
        (await SucceedAsync(silo, "replica ls debian@v2 -q")).Should().BeEmpty();
        (await SucceedAsync(silo, $"replica info {Striped}")).Should().MatchRegex("Stripe format +1M/64K/4")
            .And.MatchRegex("Kept on disk +yes").And.MatchRegex("State +lazy");
        (await SucceedAsync(silo, $"replica rm {Striped}")).Should().Be($"Deleted {Striped}.");
        (await RunAsync(silo, $"replica rm {Striped}")).ExitCode.Should().Be(ExitCode.NotFound);
        (await SucceedAsync(silo, "replica ls -q")).Should().Be("debian@v1 4M/4M/1 plain");
    }

    [Theory]
    [InlineData("replica create debian@v1 --stripe-unit 64K", ExitCode.Usage, "go together")]
    [InlineData("replica create debian@v1 --segment-size 2M --wait", ExitCode.Usage, "--build eager")]
    [InlineData("replica create debian@v1 --segment-size 2M --build soon", ExitCode.Usage, "'soon'")]
    [InlineData("replica create debian@v1", ExitCode.Usage, "what the image center feeds")]
    [InlineData("replica create debian@v1 --stripe-unit 12K --stripe-count 2", ExitCode.Usage, "power of two")]
    [InlineData("replica create debian@v1 --key nobody", ExitCode.NotFound, "no key 'nobody'")]
    [InlineData("replica create debian@v9 --segment-size 2M", ExitCode.NotFound, "debian@v9")]
    [InlineData("replica info debian@v1 1M/64K plain", ExitCode.Usage, "'1M/64K'")]
    [InlineData("replica info debian@v1 1M/4K/2 plain", ExitCode.NotFound, "1048576-4096-2")]
    public async Task What_cannot_be_is_refused_with_the_reason(string line, int exitCode, string reason)
    {
        var silo = await shared.GetAsync(StartAsync);

        var run = await RunAsync(silo, line);

        run.ExitCode.Should().Be(exitCode, run.Error);
        run.Error.Should().Contain(reason);
        (await SucceedAsync(silo, "replica ls -q")).Should().BeEmpty();
    }

    private static async Task<TestSilo> StartAsync()
    {
        var silo = await TestSilo.StartAsync(silos: 2);
        await silo.ImportAsync("debian@v1", TestImage.Random(8 * TestImage.Segment + 512));
        return silo;
    }

    private static async Task<ReplicaInfo> ReadAsync(TestSilo silo) => JsonSerializer.Deserialize<ReplicaInfo>(
        await SucceedAsync(silo, $"replica info {Striped} --json"), ApiJson.Options)!;

    private static Task<CliRun> RunAsync(TestSilo silo, string line) => CliRun.OfAsync(silo.Process.HttpAddress, line);

    private static async Task<string> SucceedAsync(TestSilo silo, string line)
    {
        var run = await RunAsync(silo, line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        return run.Out.TrimEnd();
    }
}
