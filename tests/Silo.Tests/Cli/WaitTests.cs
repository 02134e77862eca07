using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Watching;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows how the program waits for work at the server: to its end, to its failure, until Ctrl-C.</summary>
public sealed class WaitTests
{
    [Fact]
    public async Task A_batch_is_followed_to_its_end()
    {
        var silo = FakeSilo.AnsweringInTurn(
            Samples.Batch(BatchCloneState.Running, created: 2),
            Samples.Batch(BatchCloneState.Running, created: 5),
            Samples.Batch(BatchCloneState.Succeeded, created: 10));
        var run = await CliRun.OfAsync(silo, "clone debian@v1 --count 10 --prefix vm- --id b1 --wait");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.Should().StartWith("Cloned debian@v1 to 10 disks, vm-1 … vm-10, in ");
        silo.Requests.Should().Equal(
            "PUT http://127.0.0.1:8080/v1/batch-clones/b1",
            "GET http://127.0.0.1:8080/v1/batch-clones/b1",
            "GET http://127.0.0.1:8080/v1/batch-clones/b1");
    }

    [Fact]
    public async Task A_repeated_clone_joins_the_operation_that_runs()
    {
        var silo = FakeSilo.AnsweringInTurn(
            new[] { Samples.Batch(BatchCloneState.Running, created: 2) },
            Samples.Batch(BatchCloneState.Running, created: 3));
        var run = await CliRun.OfAsync(silo, "clone debian@v1 --count 10 --prefix vm-");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.Should().StartWith("Batch clone 'b1' runs: 3 of 10 disks.");
        silo.Requests[^1].Should().EndWith("/v1/batch-clones/b1");
    }

    [Fact]
    public async Task What_ended_a_batch_early_is_a_failure()
    {
        var silo = FakeSilo.AnsweringInTurn(
            Samples.Batch(BatchCloneState.PartlyFailed, created: 4, failed: 6, problem: "No space is left."),
            new[] { new BatchCloneResult("vm-5", false, "No space is left.") });
        var run = await CliRun.OfAsync(silo, "clone debian@v1 --count 10 --prefix vm- --id b1");
        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("vm-5: No space is left.").And.Contain("6 of 10 disks could not be created");
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_batch_running_and_says_how_to_stop_it()
    {
        using var interrupt = new CancellationTokenSource();
        var answers = FakeSilo.Answering(Samples.Batch(BatchCloneState.Running, created: 2));
        var silo = new FakeSilo(async (request, _) =>
        {
            if (request.Method == HttpMethod.Get)
            {
                await interrupt.CancelAsync();
            }

            using var client = new HttpMessageInvoker(answers.CreateHandler());
            return await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, request.RequestUri), default);
        });
        var run = await CliRun.OfAsync(
            silo, "clone debian@v1 --count 10 --prefix vm- --id b1 --wait --json", interrupt.Token);
        run.ExitCode.Should().Be(ExitCode.Interrupted);
        run.Error.Should().Contain("Interrupted. Batch clone 'b1' goes on")
            .And.Contain("'snapgrains batch cancel b1'").And.Contain("\"exitCode\":130");
    }

    [Fact]
    public async Task A_hydration_that_fails_meanwhile_ends_the_wait_with_its_reason()
    {
        var failed = Samples.Disk("vm1") with { State = DiskState.Failed, Problem = "the center is gone" };
        var silo = FakeSilo.AnsweringInTurn(
            Samples.Disk("vm1"),
            Samples.Progress(DiskState.LazyLoading, 600 << 20, rate: 1 << 20),
            Samples.Progress(DiskState.Failed, 500 << 20),
            failed);
        var run = await CliRun.OfAsync(silo, "disk hydrate vm1 --wait");
        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("Hydration of disk 'vm1' has failed: the center is gone");
    }

    [Theory]
    [InlineData(DiskState.Paused)]
    [InlineData(DiskState.LazyLoading)]
    public async Task A_hydration_that_somebody_stops_ends_the_wait(DiskState state)
    {
        var silo = FakeSilo.AnsweringInTurn(Samples.Disk("vm1"), Samples.Progress(state, 600 << 20));
        var run = await CliRun.OfAsync(silo, "disk flatten vm1 --wait");
        run.ExitCode.Should().Be(ExitCode.Conflict);
        run.Error.Should().Contain("Hydration of disk 'vm1'").And.Contain("meanwhile");
    }

    [Fact]
    public void Progress_of_disks_adds_up()
    {
        var half = Samples.Progress(DiskState.LazyLoading, 512 << 20, rate: 64 << 20);
        var state = HydrationText.StateOf([half, Samples.Progress(DiskState.Ready, 0)]);
        state.Fraction.Should().Be(0.75);
        WorkProgress.Line("Hydrating 2 disks", state).Should()
            .Be("Hydrating 2 disks: 75 %, 1 of 2 disks ready, 1.5 GiB of 2 GiB, 64 MiB/s, 8.0 s left");
    }
}
