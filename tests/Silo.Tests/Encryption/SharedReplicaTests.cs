using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Encryption;

/// <summary>Shows that clones under one key share one encryption, and that a key can follow another.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SharedReplicaTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly KekFiles _keks = new();

    public void Dispose() => _keks.Dispose();

    [Fact]
    public async Task A_hundred_clones_under_one_key_cost_one_encryption_of_what_they_read()
    {
        await using var silo = await TestSilo.StartAsync(more: _keks.SettingsOf(1));
        var content = TestImage.Random(24 * TestImage.Segment + 512);
        var image = (await silo.ImportAsync("img@1", content)).Id;
        await silo.Api.CreateKeyAsync("tenant", None);
        var spec = new BatchCloneSpec(
            image, "vm-", 100, Hydration: HydrationMode.None, Layout: new DiskLayout(null, 64 << 10, 4, "tenant"));
        (await silo.Api.StartBatchCloneAsync("batch", spec, None)).Created.Should().Be(100);

        await Parallel.ForEachAsync(
            Enumerable.Range(1, 100),
            new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (n, ct) => await ReadAsync(silo.Process.Client, $"vm-{n}", content));

        var nodes = (await silo.Api.GetStatusAsync(None)).Nodes;
        var dataSegments = TestImage.DataSegments(content);
        nodes.Sum(node => node.Origin.SegmentsFetched).Should().Be(dataSegments, "each is needed once");
        nodes.Sum(node => node.Origin.BytesFetched).Should().Be(DataBytes(content));
        nodes.Sum(node => node.Derivation.SegmentsEncrypted).Should().Be(
            nodes.Sum(node => node.Derivation.SegmentsDerived)).And.BeInRange(dataSegments, 7 * 4);
        nodes.Sum(node => node.Derivation.SegmentsRederived).Should().Be(0);
    }

    [Fact]
    public async Task A_clone_under_another_key_of_an_encrypted_disk_is_right_and_the_image_center_has_ciphertext()
    {
        await using var silo = await TestSilo.StartAsync(more: _keks.SettingsOf(1));
        var content = TestImage.Random(5 * TestImage.Segment);
        var image = (await silo.ImportAsync("img@1", content)).Id;
        await silo.Api.CreateKeyAsync("a", None);
        await silo.Api.CreateKeyAsync("b", None);
        await CloneAsync(silo, image, "first", new DiskLayout(null, 64 << 10, 4, "a"));
        await using (var disk = await silo.Process.Client.OpenDiskAsync("first"))
        {
            content.AsSpan(100, 10_000).Fill(0x5A);
            await disk.WriteAsync(100, content.AsMemory(100, 10_000));
        }

        var snapshot = SnapshotId.Parse("first@1");
        while (!(await silo.Api.SnapshotDiskAsync("first", snapshot, None)).IsDone)
        {
        }

        (await silo.Api.GetImageAsync(snapshot, None)).Key!.Name.Should().Be("a");
        await CloneAsync(silo, snapshot, "same", null);
        await CloneAsync(silo, snapshot, "other", new DiskLayout(Key: "b"));
        await CloneAsync(silo, snapshot, "striped", new DiskLayout(64 << 10, 4 << 10, 3, "b"));
        await CloneAsync(silo, snapshot, "clear", new DiskLayout(Key: ReplicaId.NoKey));
        foreach (var disk in (string[])["same", "other", "striped", "clear"])
        {
            await ReadAsync(silo.Process.Client, disk, content);
        }

        (await silo.Api.GetDiskAsync("same", None)).Key!.Name.Should().Be("a", "a clone inherits its snapshot's key");
        var stored = Directory.EnumerateFiles(silo.Center, "*", SearchOption.AllDirectories)
            .Count(file => File.ReadAllBytes(file).AsSpan().IndexOf(content.AsSpan(200, 64)) >= 0);
        stored.Should().Be(0, "what was written to a disk under a key is nowhere in the clear");
    }

    [Fact]
    public async Task A_clone_that_names_no_format_gets_that_of_the_best_replica_under_its_key()
    {
        await using var silo = await TestSilo.StartAsync(more: _keks.SettingsOf(1));
        var image = (await silo.ImportAsync("img@1", TestImage.Random(6 * TestImage.Segment))).Id;
        await silo.Api.CreateKeyAsync("a", None);
        await silo.Api.CreateKeyAsync("b", None);
        var built = new StripeFormat(TestImage.Segment, 64 << 10, 4);
        await CloneAsync(silo, image, "first", new DiskLayout(Key: "a"));
        await silo.Api.CreateReplicaAsync(new ReplicaName(image, built, "a"), ReplicaBuild.Eager, true, None);
        await Eventually.IsTrueAsync(
            async () => (await silo.Api.ListReplicasAsync(image, None)).Any(
                replica => replica.Id.Format == built && replica.State == ReplicaState.Ready),
            "the striped replica is built and verified");

        await CloneAsync(silo, image, "second", new DiskLayout(Key: "a"));
        await CloneAsync(silo, image, "third", new DiskLayout(Key: "b"));
        await CloneAsync(silo, image, "fourth", null);

        (await silo.Api.GetDiskAsync("first", None)).Format.Should().Be(StripeFormat.Unstriped(TestImage.Segment));
        (await silo.Api.GetDiskAsync("second", None)).Format.Should().Be(built, "all of that is at hand");
        (await silo.Api.GetDiskAsync("third", None)).Format.Should().Be(StripeFormat.Unstriped(TestImage.Segment));
        (await silo.Api.GetDiskAsync("fourth", None)).Format.Should().BeNull("the base replica is what is asked for");
    }

    private static async Task CloneAsync(TestSilo silo, SnapshotId snapshot, string disk, DiskLayout? layout) =>
        await silo.Remote.CloneAsync(snapshot, disk, new CloneOptions(HydrationMode.None, layout));

    private static async Task ReadAsync(SnapshotGrainsClient client, string disk, byte[] content)
    {
        await using var opened = await client.OpenDiskAsync(disk, DiskAccess.ReadOnly);
        var bytes = new byte[content.Length];
        await opened.ReadManyAsync(0, bytes);
        bytes.AsSpan().SequenceEqual(content).Should().BeTrue("{0} must hold the image", disk);
    }

    private static long DataBytes(byte[] content) => content.Chunk(TestImage.Segment)
        .Where(segment => segment.AsSpan().ContainsAnyExcept((byte)0)).Sum(segment => (long)segment.Length);
}
