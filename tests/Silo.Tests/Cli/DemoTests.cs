using System.Text.Json;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows the demo itself, small: it keeps its promises and cleans up after itself.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task A_small_demo_keeps_every_promise()
    {
        var run = await CliRun.OfAsync(
            new Uri("http://127.0.0.1:1"), "demo --size 96M --clones 20 --readers 4 --json");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error + run.Out);
        using var result = JsonDocument.Parse(run.Out);
        var root = result.RootElement;
        root.GetProperty("brokenPromises").GetArrayLength().Should().Be(0);
        root.GetProperty("beforeKill").GetProperty("amplification").GetDouble().Should().Be(1.0);
        root.GetProperty("killedSilo").GetString().Should().NotBeNull();
        root.GetProperty("clones").GetInt32().Should().Be(20);
        root.GetProperty("readErrors").GetInt64().Should().Be(0);
        root.GetProperty("wrongReads").GetInt64().Should().Be(0);
        root.GetProperty("engine").GetString().Should().Be(SiloProcess.Engine);
        root.GetProperty("silos").GetArrayLength().Should().Be(3);
    }

    [Fact]
    public async Task An_image_of_ones_own_may_have_any_size()
    {
        using var directory = new SnapshotGrains.Testing.TempDirectory();
        await File.WriteAllBytesAsync(directory["own.raw"], TestImage.Random((9 << 20) + 512));
        var run = await CliRun.OfAsync(
            new Uri("http://127.0.0.1:1"), $"demo --image {directory["own.raw"]} --readers 2 --clones 2 --silos 1");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error + run.Out);
        run.Out.Should().Contain("Every promise was kept.").And.Contain("Origin amplification")
            .And.Contain("the only silo was left alone");
    }

    [Fact]
    public async Task A_missing_image_is_not_found()
    {
        var run = await CliRun.OfAsync(new Uri("http://127.0.0.1:1"), "demo --image /does/not/exist.raw");
        run.ExitCode.Should().Be(ExitCode.NotFound);
    }
}
