using System.Text.Json;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows a whole session against a real silo, over real HTTP: every verb, and what can go wrong.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_first_session_works_from_import_to_removal()
    {
        var file = Path.Combine(_silo.Directory, "disk.raw");
        await File.WriteAllBytesAsync(file, TestImage.Random((5 << 20) + 512));

        (await SucceedAsync($"image import {file} debian@v1 --segment-size 256K")).Should()
            .StartWith("Imported debian@v1: 5 MiB in 21 segments of 256 KiB (8 zero)");
        (await SucceedAsync("image ls -q")).Should().Be("debian@v1");
        (await SucceedAsync("clone debian@v1 vm1 vm2")).Should().StartWith("Cloned debian@v1 to 2 disks in ");
        (await SucceedAsync("clone debian@v1 vm1")).Should().StartWith("Cloned debian@v1 to vm1 (5 MiB) in ");
        (await SucceedAsync("disk ls -q")).ReplaceLineEndings("\n").Should().Be("vm1\nvm2");
        (await SucceedAsync("disk info vm1")).Should().Contain("created").And.Contain("5243392 bytes");
        (await SucceedAsync("image inspect debian@v1")).Should().MatchRegex("Disks +2");
        (await SucceedAsync("disk rm vm1 vm2")).Should().Be("Deleted 2 disks.");
        (await SucceedAsync("image rm debian@v1")).Should().Be("Deleted debian@v1.");
        (await SucceedAsync("image ls --json")).Should().Be("[]");
    }

    [Fact]
    public async Task Standard_input_becomes_an_image()
    {
        var bytes = TestImage.Random(3 * 512);
        var run = await RunAsync("image import - tiny@v1 --json", new MemoryStream(bytes));
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        var image = JsonSerializer.Deserialize<ImageInfo>(run.Out, ApiJson.Options)!;
        image.SizeBytes.Should().Be(bytes.Length);
        image.Segments.Should().Be(1);
    }

    [Fact]
    public async Task What_does_not_exist_is_3_and_what_is_in_the_way_is_4()
    {
        await _silo.ImportAsync("debian@v1", TestImage.Random(2 << 20));
        await _silo.ImportAsync("fedora@v1", TestImage.Random(2 << 20, seed: 2));
        await SucceedAsync("clone debian@v1 vm1");

        (await RunAsync("disk info nobody")).ExitCode.Should().Be(ExitCode.NotFound);
        (await RunAsync("disk rm nobody")).ExitCode.Should().Be(ExitCode.NotFound);
        (await RunAsync("image inspect debian@v2")).ExitCode.Should().Be(ExitCode.NotFound);
        (await RunAsync("clone debian@v2 vm2")).ExitCode.Should().Be(ExitCode.NotFound);
        (await RunAsync("node stop nobody")).ExitCode.Should().Be(ExitCode.NotFound);
        (await RunAsync("image rm debian@v1")).ExitCode.Should().Be(ExitCode.Conflict, "vm1 was cloned from it");
        (await RunAsync("clone fedora@v1 vm1")).ExitCode.Should().Be(ExitCode.Conflict, "vm1 is debian's");
        var again = await RunAsync("image import - debian@v1", new MemoryStream(new byte[8 << 20]));
        again.ExitCode.Should().Be(ExitCode.Conflict, again.Error);
    }

    [Fact]
    public async Task A_stopped_silo_leaves_the_listing_and_the_last_one_stays()
    {
        (await SucceedAsync("node ls -q")).ReplaceLineEndings("\n").Should().Be("silo-0\nsilo-1\nsilo-2");
        (await SucceedAsync("node stop silo-2 --abrupt")).Should().Be("Stopped silo-2 abruptly.");
        (await SucceedAsync("node stop silo-1")).Should().Be("Stopped silo-1.");
        (await SucceedAsync("node ls -q")).Should().Be("silo-0");
        (await RunAsync("node stop silo-0")).ExitCode.Should().Be(ExitCode.Usage);
    }

    [Fact]
    public async Task Status_says_which_engine_runs()
    {
        var status = JsonSerializer.Deserialize<ServerStatus>(await SucceedAsync("status --json"), ApiJson.Options)!;
        status.Engine.Should().Be(SiloProcess.Engine);
        status.Nodes.Should().HaveCount(3);
    }

    [Fact]
    public async Task An_interrupted_import_leaves_nothing()
    {
        using var interrupt = new CancellationTokenSource();
        var input = new InterruptingStream(afterBytes: 3 << 20, interrupt);
        var run = await RunAsync("image import - debian@v1", input, interrupt.Token);
        run.ExitCode.Should().Be(ExitCode.Interrupted, run.Error);
        (await SucceedAsync("image ls --json")).Should().Be("[]");

        // The name is free again, and nothing half-written gets in the way.
        var whole = await RunAsync("image import - debian@v1 -q", new MemoryStream(TestImage.Random(4 << 20)));
        whole.ExitCode.Should().Be(ExitCode.Ok, whole.Error);
    }

    [Fact]
    public async Task The_silo_verb_says_where_it_listens_and_ends_well()
    {
        var run = await CliRun.UntilOutputAsync(
            "silo", "--silos", "2", "--data", Path.Combine(_silo.Directory, "other"), "--http", "127.0.0.1:0",
            "--nbd", "", "--nbd-socket", Path.Combine(_silo.Directory, "other.sock"), "--cache-bytes", "16M",
            "--json");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        using var started = JsonDocument.Parse(run.Out);
        started.RootElement.GetProperty("silos").GetArrayLength().Should().Be(2);
        started.RootElement.GetProperty("http").GetString().Should().StartWith("http://127.0.0.1:");
        started.RootElement.GetProperty("nbd")[0].GetString().Should().Contain("other.sock");
    }

    [Fact]
    public async Task A_wrong_setting_stops_the_silo_verb_with_its_name()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), "silo --http nowhere --image-center ftp://x");
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain("Http").And.Contain("'nowhere'").And.Contain("ImageCenter");
    }

    private Task<CliRun> RunAsync(string line, Stream? input = null, CancellationToken interrupt = default) =>
        CliRun.OfAsync(_silo.Process.HttpAddress, line, input, interrupt);

    private async Task<string> SucceedAsync(string line)
    {
        var run = await RunAsync(line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        return run.Out.TrimEnd();
    }

    /// <summary>Endless input, in the middle of which the user presses Ctrl-C.</summary>
    private sealed class InterruptingStream(int afterBytes, CancellationTokenSource interrupt) : MemoryStream
    {
        private int _read;

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_read >= afterBytes)
            {
                await interrupt.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            buffer.Span.Fill(1);
            _read += buffer.Length;
            return buffer.Length;
        }
    }
}
