using System.Diagnostics;
using System.Text.Json;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows the life of writable disks on the command line, against a real silo.</summary>
public sealed class DiskSessionTests : IAsyncLifetime
{
    private const int Size = 6 * TestImage.Segment;

    private readonly byte[] _content = TestImage.Random(Size);
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(silos: 1);
        await _silo.ImportAsync("debian@v1", _content);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Hydration_is_started_paused_given_up_and_finished()
    {
        await SucceedAsync("clone debian@v1 vm1 vm2 --hydrate none");
        (await SucceedAsync("disk info vm1")).Should().MatchRegex("State +created").And.MatchRegex("Hydration +none")
            .And.MatchRegex("Own +0.0 % of the disk").And.MatchRegex("Pace +not running");

        (await SucceedAsync("disk pause vm1")).Should().Be("Paused the hydration of vm1.");
        (await SucceedAsync("disk info vm1")).Should().MatchRegex("State +paused");
        (await SucceedAsync("disk hydrate vm1 --wait")).Should().StartWith("Ready: vm1.");
        (await SucceedAsync("disk info vm1")).Should().MatchRegex("State +ready")
            .And.MatchRegex("hydrated +4 MiB").And.MatchRegex("zero +2 MiB").And.MatchRegex("still the parent's +0 B");
        (await SucceedAsync("disk thin vm2")).Should().Be("Thin from now on: vm2.");
        (await SucceedAsync("disk flatten vm1 vm2 --wait")).Should().StartWith("Ready: 2 disks.");
        (await SucceedAsync("hydration limit 50M/s")).Should().Be("Each node hydrates with at most 50 MiB/s.");
        (await SucceedAsync("hydration limit none")).Should().Be("Hydration has no limit.");
    }

    [Fact]
    public async Task A_disk_is_written_snapshotted_cloned_and_its_image_goes_when_nobody_needs_it()
    {
        await SucceedAsync("clone debian@v1 vm1 --hydrate none");
        var written = await WriteAsync("vm1", 4096, seed: 9);

        (await SucceedAsync("disk snapshot vm1 debian@patched")).Should()
            .StartWith("Made debian@patched of vm1: 6 MiB, 1 MiB stored, in ");
        await SucceedAsync("clone debian@patched vm2 --hydrate none");
        var copy = await ExportAsync("vm2");
        copy.AsSpan(4096, written.Length).SequenceEqual(written).Should().BeTrue();

        (await RunAsync("image rm debian@v1")).ExitCode.Should().Be(ExitCode.Conflict);
        (await SucceedAsync("image rm debian@v1 --defer")).Should()
            .Be("debian@v1 goes when the 1 disk that needs it does not any more.");
        (await SucceedAsync("image ls")).Should().MatchRegex(@"debian@v1 .* deleting \(1 disk\)")
            .And.MatchRegex("debian@patched .* available");
        (await SucceedAsync("image inspect debian@v1")).Should().Contain("deleting (1 disk)");
        (await RunAsync("clone debian@v1 vm3")).ExitCode.Should().Be(ExitCode.Conflict);
        await SucceedAsync("disk rm vm1");
        (await SucceedAsync("image ls -q")).Should().Be("debian@patched");
    }

    [Fact]
    public async Task An_export_is_the_disk_to_the_byte_in_a_file_and_on_standard_output()
    {
        await SucceedAsync("clone debian@v1 vm1 --hydrate none");
        (await SucceedAsync($"disk resize vm1 {Size + (64 << 20)}")).Should().Be("vm1 has 70 MiB now.");
        var expected = new byte[Size + (64 << 20)];
        _content.CopyTo(expected, 0);
        (await WriteAsync("vm1", (40 << 20) + 512, seed: 5)).CopyTo(expected, (40 << 20) + 512);

        (await ExportAsync("vm1")).AsSpan().SequenceEqual(expected).Should().BeTrue();

        var (run, bytes) = await CliRun.BytesOfAsync(_silo.Process.HttpAddress, "disk export vm1 - -q");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Out.Should().BeEmpty();
        bytes.AsSpan().SequenceEqual(expected).Should().BeTrue();
    }

    [Fact]
    public async Task An_export_that_fails_leaves_the_old_file()
    {
        await SucceedAsync("clone debian@v1 vm1 --hydrate none");
        var file = Path.Combine(_silo.Directory, "vm1.raw");
        await File.WriteAllTextAsync(file, "old");
        Directory.Delete(_silo.Center, recursive: true);

        var run = await RunAsync($"disk export vm1 {file} --timeout 60s");

        run.ExitCode.Should().NotBe(ExitCode.Ok);
        (await File.ReadAllTextAsync(file)).Should().Be("old");
        Directory.GetFiles(_silo.Directory, "*.part").Should().BeEmpty();
        (await RunAsync($"disk export vm1 {_silo.Directory}")).ExitCode.Should().Be(ExitCode.Usage);
        (await RunAsync($"disk export nobody {file}")).ExitCode.Should().Be(ExitCode.NotFound);
    }

    [Fact]
    public async Task A_sparse_image_of_a_tebibyte_is_imported_cloned_and_told_from_its_data_alone()
    {
        var file = Path.Combine(_silo.Directory, "sparse.raw");
        var data = TestImage.Random(4 << 20, seed: 3);
        using (var handle = File.OpenHandle(file, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.SetLength(handle, 1L << 40);
            RandomAccess.Write(handle, data, 0);
            RandomAccess.Write(handle, data, (1L << 40) - data.Length);
        }

        var started = Stopwatch.GetTimestamp();
        (await SucceedAsync($"image import {file} big@v1")).Should().StartWith("Imported big@v1: 1 TiB in ");
        Stopwatch.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(60), "holes cost nothing");
        await SucceedAsync("clone big@v1 big --hydrate none");
        await using var disk = await _silo.Remote.OpenDiskAsync("big", DiskAccess.ReadOnly);
        var tail = new byte[data.Length];
        await disk.ReadAsync((1L << 40) - data.Length, tail);
        tail.AsSpan().SequenceEqual(data).Should().BeTrue();
    }

    private async Task<byte[]> WriteAsync(string disk, long offset, int seed)
    {
        var bytes = new byte[8192];
        new Random(seed).NextBytes(bytes);
        await using var attached = await _silo.Remote.OpenDiskAsync(disk);
        await attached.WriteAsync(offset, bytes);
        await attached.FlushAsync();
        return bytes;
    }

    private async Task<byte[]> ExportAsync(string disk)
    {
        var file = Path.Combine(_silo.Directory, $"{disk}.raw");
        (await SucceedAsync($"disk export {disk} {file}")).Should().StartWith($"Exported {disk} to {file}: ");
        Directory.GetFiles(_silo.Directory, "*.part").Should().BeEmpty();
        return await File.ReadAllBytesAsync(file);
    }

    private Task<CliRun> RunAsync(string line) => CliRun.OfAsync(_silo.Process.HttpAddress, line);

    private async Task<string> SucceedAsync(string line)
    {
        var run = await RunAsync(line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        return run.Out.TrimEnd();
    }
}
