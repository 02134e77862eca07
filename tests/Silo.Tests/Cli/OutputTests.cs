using System.Text.Json;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows what people and programs get to read.</summary>
public sealed class OutputTests
{
    [Fact]
    public async Task A_redirected_table_has_neither_colours_nor_frames()
    {
        var disks = new[] { Samples.Disk("vm1"), Samples.Disk("a-longer-name") };
        var run = await CliRun.OfAsync(FakeSilo.Answering(disks), "disk ls");
        run.Out.Should().Be(
            """
            NAME           PARENT      SIZE  STATE         CREATED
            vm1            debian@v1  1 GiB  lazy-loading  2026-08-01 12:34:56Z
            a-longer-name  debian@v1  1 GiB  lazy-loading  2026-08-01 12:34:56Z

            """.ReplaceLineEndings());
    }

    [Fact]
    public async Task Quiet_listings_are_names()
    {
        var disks = new[] { Samples.Disk("vm1"), Samples.Disk("vm2") };
        var run = await CliRun.OfAsync(FakeSilo.Answering(disks), "disk ls -q");
        run.Out.ReplaceLineEndings("\n").Should().Be("vm1\nvm2\n");
    }

    [Fact]
    public async Task Json_is_the_apis_own_in_one_line()
    {
        var run = await CliRun.OfAsync(FakeSilo.Answering(Samples.Status), "status --json");
        run.Out.TrimEnd().Should().NotContain("\n");
        JsonSerializer.Deserialize<ServerStatus>(run.Out, ApiJson.Options).Should().BeEquivalentTo(Samples.Status);
        using var json = JsonDocument.Parse(run.Out);
        json.RootElement.GetProperty("reads").GetProperty("originAmplification").GetDouble().Should().Be(1.0);
        json.RootElement.GetProperty("nodes")[0].GetProperty("origin").GetProperty("segmentsFetched").GetInt64()
            .Should().Be(100);
    }

    [Theory]
    [InlineData("image ls --json", "[]")]
    [InlineData("disk ls --json", "[]")]
    [InlineData("node ls --json", "[]")]
    public async Task An_empty_list_is_an_empty_array(string line, string json)
    {
        var run = await CliRun.OfAsync(FakeSilo.Answering(Array.Empty<object>()), line);
        run.Out.TrimEnd().Should().Be(json);
    }

    [Theory]
    [InlineData("disk rm vm1 vm2 --json", """{"names":["vm1","vm2"]}""")]
    [InlineData("node stop silo-1 --abrupt --json", """{"name":"silo-1","abrupt":true}""")]
    [InlineData("disk rm vm1 --quiet", "")]
    [InlineData("disk rm vm1", "Deleted vm1.")]
    [InlineData("disk rm vm1 vm2", "Deleted 2 disks.")]
    [InlineData("node stop silo-1 --abrupt", "Stopped silo-1 abruptly.")]
    public async Task Changes_are_confirmed_in_the_form_asked_for(string line, string printed)
    {
        var run = await CliRun.OfAsync(FakeSilo.AnsweringNothing(), line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.TrimEnd().Should().Be(printed);
    }

    [Theory]
    [InlineData("image rm debian@v1 --json", 0, """{"names":["debian@v1"],"deferred":[]}""")]
    [InlineData(
        "image rm debian@v1 --defer --json",
        3,
        """{"names":[],"deferred":[{"name":"debian@v1","waitingForDisks":3}]}""")]
    [InlineData("image rm debian@v1", 0, "Deleted debian@v1.")]
    [InlineData("image rm debian@v1 --defer", 3, "debian@v1 goes when the 3 disks that need it do not any more.")]
    public async Task A_deletion_says_whether_it_waits(string line, int disks, string printed)
    {
        var run = await CliRun.OfAsync(FakeSilo.Answering(new ImageDeletion(disks)), line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.TrimEnd().Should().Be(printed);
    }

    [Fact]
    public async Task A_failed_disk_says_why_in_the_listing()
    {
        var disk = Samples.Disk("vm1") with { State = DiskState.Failed, Problem = "the center is gone" };
        var run = await CliRun.OfAsync(FakeSilo.Answering(new[] { disk }), "disk ls");
        run.Out.Should().Contain("failed: the center is gone");
    }

    [Fact]
    public async Task Status_names_the_engine_the_silos_and_the_amplification()
    {
        var run = await CliRun.OfAsync(FakeSilo.Answering(Samples.Status), "status");
        run.Out.Should().MatchRegex(@"Engine +InProcess").And.MatchRegex(@"Origin amplification +1\.00")
            .And.MatchRegex("silo-0 .* 90.0 %").And.Contain("nbd://127.0.0.1:10809");
    }

    [Fact]
    public async Task An_image_is_described_with_all_its_figures()
    {
        var run = await CliRun.OfAsync(FakeSilo.Answering(Samples.Image), "image inspect debian@v1");
        run.Out.Should().Contain("1 GiB (1073741824 bytes)").And.MatchRegex("Zero segments +369")
            .And.MatchRegex("Disks +2");
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--version")]
    public async Task The_version_says_which_engine_was_built_in(string line)
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), line);
        run.Out.Should().MatchRegex(@"^snapgrains \d+\.\d+\.\d+.*grain engine (InProcess|Orleans), \.NET 10");
    }
}
