using SnapshotGrains.Client;
using SnapshotGrains.Images;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Segments;

/// <summary>
/// Shows a silo with a cache on disk, before an image center behind a web server: what it has read serves on after a
/// stop, after a kill, and when the disk lies or fails.
/// </summary>
public sealed class DiskCacheTests : IAsyncLifetime
{
    private const int Segment = TestImage.Segment;

    private readonly TempDirectory _directory = new();
    private readonly byte[] _content = TestImage.Random(18 * Segment, seed: 19);
    private StaticFileServer _server = null!;
    private bool _isDown;

    private string Cache => _directory["cache"];

    private long DataBytes => (long)TestImage.DataSegments(_content) * Segment;

    private Dictionary<string, string?> Settings => new()
    {
        ["ImageCenter"] = _server.Address.ToString(),
        ["DiskCache"] = Cache,
        ["DiskCacheSize"] = "32M",
    };

    private string[] Options =>
    [
        "--image-center", _server.Address.ToString(), "--disk-cache", Cache, "--disk-cache-size", "32M",
        "--cache-bytes", "64M",
    ];

    public async Task InitializeAsync()
    {
        using (var center = await DirectoryImageCenter.OpenAsync(_directory["center"]))
        {
            await center.ImportAsync(
                new ImportRequest { Name = "img", Snap = "1", Content = new MemoryStream(_content) }, default);
        }

        _server = new StaticFileServer(_directory["center"]);
    }

    public async Task DisposeAsync()
    {
        await StopServerAsync();
        _directory.Dispose();
    }

    /// <summary>A memory of four segments: what it has evicted and the disk has is not fetched.</summary>
    [Fact]
    public async Task What_memory_has_evicted_is_not_fetched_again()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1, cacheBytes: "4M", more: Settings);
        await CloneAsync(silo.Remote);
        for (var round = 0; round < 3; round++)
        {
            await ReadAllAsync(() => silo.ConnectAsync("disk"));
        }

        var node = (await silo.Api.ListNodesAsync(default)).Single();
        node.Cache.Evictions.Should().BeGreaterThan(12);
        var disk = node.DiskCache!;
        disk.Hits.Should().BePositive();
        (disk.BadCopies, disk.Errors).Should().Be((0, 0));
        node.Origin.SegmentsFetched.Should().Be(disk.Misses, "a hit is no fetch");
    }

    [Fact]
    public async Task After_a_restart_disks_are_read_without_the_image_center()
    {
        await using var silo = await TestSilo.StartAsync(silos: 2, more: Settings);
        await CloneAsync(silo.Remote);
        await ReadAllAsync(() => silo.ConnectAsync("disk"));
        await StopServerAsync();

        await silo.RestartAsync();

        await ReadAllAsync(() => silo.ConnectAsync("disk"));
        var nodes = (await silo.Api.ListNodesAsync(default));
        nodes.Should().HaveCount(3).And.OnlyContain(node => node.Origin.SegmentsFetched == 0);
        nodes[0].DiskCache.Should().BeEquivalentTo(
            new { BytesRead = DataBytes, Misses = 0L, BadCopies = 0L, LimitBytes = (32L << 20) - (512 << 10) });
    }

    [Fact]
    public async Task After_a_kill_disks_are_read_without_the_image_center()
    {
        await using var silo = new SiloChild { Options = Options };
        await FillAsync(silo);
        await silo.KillAsync();
        await StopServerAsync();

        await silo.StartAsync();

        await ReadAllAsync(() => silo.ConnectAsync("disk"));
        (await DiskOfAsync(silo.Api)).Should().BeEquivalentTo(new { BytesRead = DataBytes, BadCopies = 0L });
    }

    /// <summary>What changes while the silo is down is found, counted and fetched again; no guest sees it.</summary>
    [Fact]
    public async Task Bad_copies_are_fetched_again()
    {
        await using var silo = new SiloChild { Options = Options };
        await FillAsync(silo);
        await silo.KillAsync();
        await using (var file = File.OpenWrite(Path.Combine(Cache, "segments")))
        {
            // In two segments, wherever they lie: nine MiB and more are taken from the front.
            foreach (var at in (long[])[2 * Segment + (Segment / 2), 5 * Segment + (Segment / 2)])
            {
                file.Position = at;
                file.Write("other bytes than those that were written"u8);
            }
        }

        await silo.StartAsync();

        await ReadAllAsync(() => silo.ConnectAsync("disk"));
        var node = (await silo.Api.ListNodesAsync(default)).Single();
        (node.DiskCache!.BadCopies, node.Origin.SegmentsFetched).Should().Be((2, 2));
        silo.Log.Should().Contain("The disk cache had other bytes of segment");
    }

    /// <summary>By a limit that the system sets to the process, no byte can be written behind the first MiB.</summary>
    [RequiresToolFact("prlimit")]
    public async Task A_disk_that_cannot_be_written_costs_no_read()
    {
        await using var silo = new SiloChild { Options = Options };
        await silo.StartAsync();
        await CloneAsync(silo.Remote);
        await Tool.CheckAsync("prlimit", $"--pid={silo.ProcessId}", "--fsize=1048576:unlimited");

        await ReadAllAsync(() => silo.ConnectAsync("disk"));

        var disk = await DiskOfAsync(silo.Api);
        disk.Errors.Should().BePositive();
        disk.WritesDropped.Should().BePositive();
        silo.Log.Should().Contain("The disk cache could not be written");
    }

    [Fact]
    public async Task Two_processes_cannot_have_one_directory()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1, more: Settings);

        (await RefusalAsync(Settings)).Should().ContainAll(
            "SnapshotGrains:DiskCache", Cache, "another process", "choose another directory");
    }

    [Theory]
    [InlineData("DiskCacheSize", "1M", "at least 4M")]
    [InlineData("DiskCacheSize", "9000P", "DiskCacheSize")]
    [InlineData("DiskCacheSize", "512T", "smaller size")]
    [InlineData("DiskCache", "/dev/null/cache", "choose a directory")]
    [InlineData("DiskCache", null, "in which directory")]
    public async Task Settings_that_cannot_be_are_refused(string setting, string? value, string says)
    {
        (await RefusalAsync(new(Settings) { [setting] = value })).Should().ContainAll(setting, value ?? "32M", says);
    }

    private async Task StopServerAsync()
    {
        if (!_isDown)
        {
            _isDown = true;
            await _server.DisposeAsync();
        }
    }

    private static async Task<string> RefusalAsync(Dictionary<string, string?> settings)
    {
        using var directory = new TempDirectory();
        var start = () => SiloProcess.StartAsync(
            new Dictionary<string, string?>(settings)
            {
                ["Data"] = directory["data"], ["Http"] = "127.0.0.1:0", ["Nbd"] = "",
            },
            CancellationToken.None);
        return (await start.Should().ThrowAsync<SiloConfigurationException>()).Which.Message;
    }

    private static async Task<DiskCacheInfo> DiskOfAsync(HttpControlPlane api) =>
        (await api.ListNodesAsync(default))[0].DiskCache!;

    private static Task CloneAsync(SnapshotGrainsClient client) =>
        client.CloneAsync(SnapshotId.Parse("img@1"), "disk", HydrationMode.None);

    /// <summary>Starts a silo and has it read all until it is on disk.</summary>
    private async Task FillAsync(SiloChild silo)
    {
        await silo.StartAsync();
        await CloneAsync(silo.Remote);
        await ReadAllAsync(() => silo.ConnectAsync("disk"));
        await Eventually.IsTrueAsync(
            async () =>
            {
                // What the disk was too slow for is written when it is asked for again.
                await ReadAllAsync(() => silo.ConnectAsync("disk"));
                return (await DiskOfAsync(silo.Api)).BytesWritten == DataBytes;
            },
            "all segments are written");
    }

    private async Task ReadAllAsync(Func<Task<NbdClient>> connect)
    {
        await using var client = await connect();
        for (var offset = 0; offset < _content.Length; offset += 2 * Segment)
        {
            var bytes = await client.ReadAsync(offset, 2 * Segment);
            bytes.AsSpan().SequenceEqual(_content.AsSpan(offset, 2 * Segment)).Should().BeTrue("at {0}", offset);
        }
    }
}
