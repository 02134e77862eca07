using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Agents;

/// <summary>An agent on a compute host beside a silo process: the same bytes, one writer, keys at the host.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class AgentTests : IAsyncLifetime
{
    private const int Segment = TestImage.Segment;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly KekFiles _keks = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(
        silos: 2, more: new Dictionary<string, string?> { ["Kek"] = _keks.SourceOf(1) });

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _keks.Dispose();
    }

    // A disk reads through the agent as its image, cold and warm, and each segment leaves the image center once.
    [RequiresToolFact("qemu-img")]
    public async Task A_disk_reads_as_its_image()
    {
        var content = TestImage.Random((9 * Segment) + 1536);
        content.AsSpan(3 * Segment, 2 * Segment).Clear();
        var image = await _silo.ImportFileAsync("img@1", content);
        await CloneAsync("vm", null);
        await using var agent = await StartAsync("vm", "img@1");

        foreach (var export in new[] { "vm", "vm", "img@1" })
        {
            await CompareAsync(image, agent.UriOf(export));
        }

        var nodes = await _silo.Api.ListNodesAsync(None);
        nodes.Sum(node => node.Origin.SegmentsFetched).Should().Be(
            TestImage.DataSegments(content), "that many hold data, and are there once");
    }

    /// <summary>An agent with a cache on disk that starts anew asks the silos for nothing that it has read.</summary>
    [Fact]
    public async Task What_an_agent_has_on_disk_serves_its_next_start()
    {
        using var directory = new TempDirectory();
        var content = TestImage.Random(9 * Segment);
        await _silo.ImportAsync("img@1", content);
        for (var start = 0; start < 2; start++)
        {
            await using var disk = DiskCache.Open(
                new DiskCacheOptions { Directory = directory.Path, LimitBytes = 16 << 20 });
            var options = new ClientOptions { Disk = disk, RecordsTraces = false };
            await using var agent = await TestAgent.StartAsync(
                _silo.Process.HttpAddress, ["img@1"], options: options);
            await using var client = await agent.ConnectAsync("img@1");

            (await client.ReadAsync(0, content.Length)).AsSpan().SequenceEqual(content).Should().BeTrue();

            disk.Statistics.Hits.Should().Be(start * TestImage.DataSegments(content));
            disk.Statistics.Misses.Should().Be((1 - start) * TestImage.DataSegments(content));
        }
    }

    // Disks in every layout take writes through the agent; its end, and another reader at the silo, find them.
    [RequiresToolFact("qemu-img")]
    public async Task What_is_written_through_the_agent_is_there_for_others()
    {
        var content = TestImage.Random(7 * Segment);
        await _silo.ImportAsync("img@1", content);
        await _silo.Api.CreateKeyAsync("tenant", None);
        (string Disk, DiskLayout? Layout)[] layouts =
        [
            ("plain", null),
            ("striped", new DiskLayout(null, 64 << 10, 4, null)),
            ("secret", new DiskLayout(null, 64 << 10, 4, "tenant")),
        ];
        foreach (var (disk, layout) in layouts)
        {
            await CloneAsync(disk, layout);
        }

        var expected = content.ToArray();
        await using (var agent = await StartAsync([.. layouts.Select(layout => layout.Disk)]))
        {
            foreach (var (disk, _) in layouts)
            {
                expected = content.ToArray();
                await WriteAsync(agent, disk, expected);
            }
        }

        var file = Path.Combine(_silo.Directory, "expected.raw");
        await File.WriteAllBytesAsync(file, expected);
        foreach (var (disk, _) in layouts)
        {
            await CompareAsync(file, _silo.UnixUri($"{disk}:ro"));
        }
    }

    // While an agent has a disk nobody else writes to it; who takes it over fences the agent, whose guest is cut off.
    [Fact]
    public async Task Another_writer_is_refused_or_fences_the_agent()
    {
        await _silo.ImportAsync("img@1", TestImage.Random(2 * Segment));
        await CloneAsync("vm", null);
        await using var first = await StartAsync("vm");
        await using var guest = await first.ConnectAsync("vm");
        await guest.WriteAsync(0, new byte[4096]);

        var second = async () => await StartAsync("vm");
        (await second.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.InUse);

        await using var other = await TestAgent.StartAsync(_silo.Process.HttpAddress, ["vm"], DiskAccess.TakeOver);
        await Eventually.IsTrueAsync(
            () => Task.FromResult(first.Process.Lost.IsCancellationRequested), "the first agent learns of it");
        var write = async () => await guest.WriteAsync(0, new byte[4096]);
        await write.Should().ThrowAsync<NbdException>();
        await using var now = await other.ConnectAsync("vm");
        await now.WriteAsync(0, new byte[4096]);
    }

    /// <summary>Silos do not send what they decrypt, so what a disk inherits is decrypted where it is read.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData(64 << 10, 4)]
    public async Task A_disk_without_a_key_is_read_that_was_cloned_from_an_encrypted_snapshot(int? unit, int? count)
    {
        var content = TestImage.Random((5 * Segment) + 1536);
        content.AsSpan(3 * Segment, Segment).Clear();
        await _silo.ImportAsync("img@1", content);
        await _silo.Api.CreateKeyAsync("tenant", None);
        await CloneAsync("secret", new DiskLayout(null, null, null, "tenant"));
        var snapshot = SnapshotId.Parse("secret@1");
        while (!(await _silo.Api.SnapshotDiskAsync("secret", snapshot, None)).IsDone)
        {
            await Task.Delay(20);
        }

        await _silo.Remote.CloneAsync(snapshot, "open", new CloneOptions(
            HydrationMode.None, new DiskLayout(null, unit, count, ReplicaId.NoKey)));
        var (made, expected) = (await MadeAsync(), new byte[StripeLayout.RoundUp(content.Length)]);
        content.CopyTo(expected, 0);
        await using var agent = await StartAsync("open");
        await using (var guest = await agent.ConnectAsync("open"))
        {
            (await guest.ReadAsync(0, expected.Length)).AsSpan().SequenceEqual(expected).Should().BeTrue();
        }

        (await MadeAsync()).Should().Be(made, "no silo makes plaintext for an agent");
        await WriteAsync(agent, "open", expected);
    }

    // An agent that was told its disks exports no others; a client that names none gets the first; a missing disk and
    // one that cannot be decrypted are told apart at the start.
    [Fact]
    public async Task Only_what_was_asked_for_is_served()
    {
        await _silo.ImportAsync("img@1", TestImage.Random(Segment));
        await _silo.Api.CreateKeyAsync("tenant", None);
        await CloneAsync("a", null);
        await CloneAsync("b", null);
        await CloneAsync("secret", new DiskLayout(null, null, null, "tenant"));
        await using var agent = await StartAsync("a");

        var other = async () => await agent.ConnectAsync("b");
        await other.Should().ThrowAsync<NbdException>();
        await using var unnamed = await agent.ConnectAsync("");
        unnamed.Info.SizeBytes.Should().Be(Segment);

        var missing = async () => await StartAsync("nobody");
        (await missing.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.NotFound);
        var locked = async () => await TestAgent.StartAsync(_silo.Process.HttpAddress, ["secret"]);
        (await locked.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.KeyUnavailable);
    }

    private Task<TestAgent> StartAsync(params string[] names) => TestAgent.StartAsync(
        _silo.Process.HttpAddress, names, options: new ClientOptions { Keks = KekFiles.KeksOf(1) });

    private Task CloneAsync(string disk, DiskLayout? layout) => _silo.Remote.CloneAsync(
        SnapshotId.Parse("img@1"), disk, new CloneOptions(HydrationMode.None, layout));

    private async Task<long> MadeAsync() =>
        (await _silo.Api.ListNodesAsync(None)).Sum(node => node.Derivation.SegmentsDerived);

    private static async Task WriteAsync(TestAgent agent, string disk, byte[] content)
    {
        await using var guest = await agent.ConnectAsync(disk);
        var random = new Random(23);
        for (var i = 0; i < 40; i++)
        {
            var bytes = new byte[random.Next(1, 200 << 10)];
            random.NextBytes(bytes);
            var at = random.Next(content.Length - bytes.Length);
            bytes.CopyTo(content, at);
            await guest.WriteAsync(at, bytes);
        }

        await guest.WriteZeroesAsync(Segment, 3 * 4096);
        content.AsSpan(Segment, 3 * 4096).Clear();
        var read = new byte[content.Length];
        await guest.ReadAsync(0, read);
        read.AsSpan().SequenceEqual(content).Should().BeTrue("'{0}' reads as it was written", disk);
    }

    private static async Task CompareAsync(string file, string uri) =>
        await Tool.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", file, uri);
}
