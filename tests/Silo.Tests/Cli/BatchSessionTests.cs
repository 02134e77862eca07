using System.Text.Json;
using SnapshotGrains.Cli.Batches;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows batch clones against a real silo: made, repeated, planned, listed, in conflict.</summary>
public sealed class BatchSessionTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(silos: 1);
        await _silo.ImportAsync("debian@v1", TestImage.Random(4 * TestImage.Segment));
        await _silo.ImportAsync("fedora@v1", TestImage.Random(TestImage.Segment, seed: 2));
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Repeating_a_clone_makes_what_is_missing_and_nothing_else()
    {
        const string Clone = "clone debian@v1 --count 12 --prefix vm- --first 8 --wait";
        (await SucceedAsync(Clone)).Should().StartWith("Cloned debian@v1 to 12 disks, vm-8 … vm-19, in ");
        var before = await _silo.Api.ListDisksAsync(CancellationToken.None);
        before.Should().HaveCount(12);

        await SucceedAsync("disk rm vm-9 vm-19");
        await SucceedAsync(Clone);

        var after = await _silo.Api.ListDisksAsync(CancellationToken.None);
        after.Select(disk => disk.Name).Should().Equal(before.Select(disk => disk.Name));
        after.Intersect(before).Should().HaveCount(10, "the others were left as they were");
    }

    [Fact]
    public async Task An_id_makes_an_operation_happen_once()
    {
        const string Clone = "clone debian@v1 --count 3 --prefix vm- --id wave-1";
        await SucceedAsync(Clone);
        await SucceedAsync("disk rm vm-2");

        await SucceedAsync(Clone);

        (await SucceedAsync("disk ls -q")).ReplaceLineEndings("\n").Should().Be("vm-1\nvm-3");
        (await RunAsync("clone debian@v1 --count 4 --prefix vm- --id wave-1")).ExitCode.Should().Be(ExitCode.Conflict);
        (await SucceedAsync("batch ls -q")).Should().Be("wave-1");
        (await SucceedAsync("batch info wave-1")).Should().MatchRegex("State +succeeded").And.MatchRegex("Created +3")
            .And.MatchRegex("Disks +vm-1 … vm-3");
        (await SucceedAsync("batch cancel wave-1")).Should().Be("'wave-1' had ended already: succeeded.");
        (await RunAsync("batch info nobody")).ExitCode.Should().Be(ExitCode.NotFound);
    }

    [Fact]
    public async Task Names_that_are_taken_are_told_one_by_one_and_the_others_are_made()
    {
        await SucceedAsync("clone fedora@v1 vm-2");

        var run = await RunAsync("clone debian@v1 --count 3 --prefix vm- --wait");

        run.ExitCode.Should().Be(ExitCode.Conflict);
        run.Error.Should().Contain("vm-2: Disk 'vm-2' exists already, as a clone of fedora@v1")
            .And.Contain("1 of 3 disks could not be created");
        (await SucceedAsync("disk ls -q")).ReplaceLineEndings("\n").Should().Be("vm-1\nvm-2\nvm-3");

        run = await RunAsync("clone debian@v1 --count 3 --prefix vm- --json");
        var report = JsonSerializer.Deserialize<BatchReport>(run.Out, ApiJson.Options)!;
        report.Batch.State.Should().Be(BatchCloneState.PartlyFailed);
        report.Failures.Should().ContainSingle().Which.Disk.Should().Be("vm-2");
    }

    [Fact]
    public async Task A_dry_run_says_what_it_would_cost_and_makes_nothing()
    {
        await SucceedAsync("clone debian@v1 vm-1");
        await SucceedAsync("clone fedora@v1 vm-2");

        var plan = await SucceedAsync("clone debian@v1 --count 10 --prefix vm- --dry-run");

        plan.Should().MatchRegex("Disks to create +8").And.MatchRegex("Already there +1")
            .And.MatchRegex(@"Names taken +1 \(vm-2\)").And.MatchRegex("Size of each +4 MiB");
        (await SucceedAsync("clone debian@v1 x y --dry-run")).Should().MatchRegex("Disks to create +2");
        (await _silo.Api.ListDisksAsync(CancellationToken.None)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Eager_clones_are_ready_when_the_wait_is_over()
    {
        await SucceedAsync("clone debian@v1 --count 3 --prefix vm- --hydrate eager --wait");
        await SucceedAsync("clone debian@v1 alone --hydrate eager --wait");

        (await _silo.Api.ListDisksAsync(CancellationToken.None)).Should().HaveCount(4)
            .And.OnlyContain(disk => disk.State == DiskState.Ready);
        (await SucceedAsync("image rm debian@v1")).Should().Be("Deleted debian@v1.");
    }

    private Task<CliRun> RunAsync(string line) => CliRun.OfAsync(_silo.Process.HttpAddress, line);

    private async Task<string> SucceedAsync(string line)
    {
        var run = await RunAsync(line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        return run.Out.TrimEnd();
    }
}
