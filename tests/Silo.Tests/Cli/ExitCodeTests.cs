using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows that every outcome has its exit code, and that errors say what the silo said.</summary>
public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(ErrorCode.Internal, 1)]
    [InlineData(ErrorCode.BadRequest, 2)]
    [InlineData(ErrorCode.NotFound, 3)]
    [InlineData(ErrorCode.AlreadyExists, 4)]
    [InlineData(ErrorCode.InUse, 4)]
    [InlineData(ErrorCode.Unauthorized, 7)]
    [InlineData(ErrorCode.ImageCenterUnavailable, 5)]
    [InlineData(ErrorCode.ImageCorrupt, 1)]
    [InlineData(ErrorCode.NoSpace, 1)]
    [InlineData(ErrorCode.DiskCorrupt, 1)]
    [InlineData(ErrorCode.DiskFailed, 1)]
    [InlineData(ErrorCode.Fenced, 4)]
    [InlineData(ErrorCode.KeyUnavailable, 6)]
    [InlineData(ErrorCode.CacheExhausted, 5)]
    [InlineData(ErrorCode.SegmentTimeout, 5)]
    [InlineData(ErrorCode.SiloUnavailable, 5)]
    public async Task An_error_of_the_silo_has_its_exit_code(ErrorCode code, int exitCode)
    {
        var run = await CliRun.OfAsync(FakeSilo.Failing(code, "Disk 'vm1' is the matter."), "disk info vm1");
        run.ExitCode.Should().Be(exitCode);
        run.Out.Should().BeEmpty();
        run.Error.Should().Be($"snapgrains: Disk 'vm1' is the matter.{Environment.NewLine}");
    }

    [Fact]
    public void Every_error_code_is_covered_above() => Enum.GetValues<ErrorCode>()
        .Should().HaveCount(17, "a new code needs its row here (Cancelled has its own test)");

    [Fact]
    public async Task With_json_the_error_is_json_on_standard_error()
    {
        var run = await CliRun.OfAsync(FakeSilo.Failing(ErrorCode.InUse, "It's open."), "disk rm vm1 --json");
        run.ExitCode.Should().Be(ExitCode.Conflict);
        run.Out.Should().BeEmpty();
        run.Error.TrimEnd().Should()
            .Be("""{"code":"inUse","detail":"It's open.","isTransient":false,"exitCode":4}""");
    }

    [Fact]
    public async Task A_wrong_line_with_json_is_json_too()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), "disk info --json");
        run.ExitCode.Should().Be(ExitCode.Usage);
        using var error = JsonDocument.Parse(run.Error);
        error.RootElement.GetProperty("code").GetString().Should().Be("badRequest");
        error.RootElement.GetProperty("exitCode").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task Json_and_a_disks_bytes_do_not_share_standard_output()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), "disk export vm1 - --json");
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain("name a file");
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable_and_says_where()
    {
        var silo = new FakeSilo((_, _) => throw new HttpRequestException("Connection refused"));
        var run = await CliRun.OfAsync(silo, "status --server http://there:81");
        run.ExitCode.Should().Be(ExitCode.Unavailable);
        run.Error.Should().Contain("http://there:81").And.Contain("Connection refused");
    }

    [Fact]
    public async Task A_timeout_is_unavailable_and_says_how_long_it_was()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), "status --timeout 20ms");
        run.ExitCode.Should().Be(ExitCode.Unavailable);
        run.Error.Should().Contain("20 ms").And.Contain("--timeout");
    }

    [Fact]
    public async Task An_agent_does_not_wait_for_ever_for_its_server()
    {
        using var directory = new TempDirectory();
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        var run = await CliRun.OfAsync(
            new Uri($"http://{deaf.LocalEndpoint}"), $"attach vm1 --socket {directory["a.sock"]} --timeout 200ms");
        run.ExitCode.Should().Be(ExitCode.Unavailable);
        run.Error.Should().Contain($"{deaf.LocalEndpoint}").And.Contain("200 ms").And.Contain("--timeout");
    }

    [Fact]
    public async Task An_interrupt_is_130()
    {
        using var interrupt = new CancellationTokenSource();
        var silo = new FakeSilo(async (_, cancellationToken) =>
        {
            await interrupt.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException("the request was not cancelled");
        });
        var run = await CliRun.OfAsync(silo, "status", interrupt.Token);
        run.ExitCode.Should().Be(ExitCode.Interrupted);
        run.Error.Should().Be($"snapgrains: Interrupted.{Environment.NewLine}");
    }

    [Fact]
    public async Task An_answer_that_is_not_ours_is_a_failure_with_its_status()
    {
        var silo = new FakeSilo((_, _) => Task.FromResult(
            new HttpResponseMessage(System.Net.HttpStatusCode.BadGateway) { Content = new StringContent("<html>") }));
        var run = await CliRun.OfAsync(silo, "status");
        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("502");
    }
}
