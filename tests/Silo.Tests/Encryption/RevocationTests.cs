using System.Diagnostics;
using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Encryption;

/// <summary>
/// Shows that a revoked key ends what is open under it within seconds, over NBD and in the client library, that what
/// was derived under it leaves the caches, and that nothing under it opens again.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class RevocationTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The promise, and as much again for a machine that is busy with much else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly KekFiles _keks = new();

    public void Dispose() => _keks.Dispose();

    [Fact]
    public async Task A_revoked_key_closes_sessions_and_drops_segments()
    {
        await using var silo = await TestSilo.StartAsync(more: _keks.SettingsOf(1));
        var content = TestImage.Random(6 * TestImage.Segment);
        var image = (await silo.ImportAsync("img@1", content)).Id;
        await silo.Api.CreateKeyAsync("tenant", None);
        await silo.Remote.CloneAsync(image, "vm", new CloneOptions(HydrationMode.None, new DiskLayout(Key: "tenant")));
        await silo.Remote.CloneAsync(image, "clear", HydrationMode.None);
        await using var remote = SnapshotGrainsClient.Connect(
            silo.Process.HttpAddress, new ClientOptions { Keks = KekFiles.KeksOf(1) });
        await using var attached = await remote.OpenDiskAsync("vm", DiskAccess.ReadOnly);
        await using var nbd = await NbdClient.ConnectAsync(
            NbdUri.Parse(silo.UnixUri("vm:ro")), new NbdClientOptions(), None);
        await using var clear = await silo.Process.Client.OpenDiskAsync("clear", DiskAccess.ReadOnly);
        var bytes = new byte[content.Length];
        await nbd.ReadAsync(0, bytes, None);
        bytes.Should().Equal(content);
        await attached.ReadManyAsync(0, bytes);
        bytes.Should().Equal(content);
        var resident = await ResidentAsync(silo);

        var clock = Stopwatch.StartNew();
        await silo.Api.RevokeKeyAsync("tenant", None);
        await Eventually.IsTrueAsync(
            () => FailsAsync(() => nbd.ReadAsync(0, new byte[512], None)), "NBD ends", Patience);
        await Eventually.IsTrueAsync(
            () => FailsAsync(() => attached.ReadAsync(0, new byte[512]).AsTask()), "the client ends", Patience);
        await Eventually.IsTrueAsync(
            async () => await ResidentAsync(silo) == resident - TestImage.DataSegments(content),
            "the segments under the key are dropped, those in the clear are not", Patience);
        clock.Elapsed.Should().BeLessThan(Patience);

        (await FailsAsync(() => NbdClient.ConnectAsync(
            NbdUri.Parse(silo.UnixUri("vm:ro")), new NbdClientOptions(), None))).Should().BeTrue();
        (await FailsAsync(() => remote.OpenDiskAsync("vm"))).Should().BeTrue();
        (await FailsAsync(() => silo.Remote.CloneAsync(
            image, "late", new CloneOptions(Layout: new DiskLayout(Key: "tenant"))))).Should().BeTrue();
        await clear.ReadManyAsync(0, bytes);
        bytes.Should().Equal(content, "other disks do not notice");
    }

    private static async Task<long> ResidentAsync(TestSilo silo) =>
        (await silo.Api.GetStatusAsync(None)).Nodes.Sum(node => node.Cache.Segments);

    private static async Task<bool> FailsAsync(Func<Task> act)
    {
        try
        {
            await act();
            return false;
        }
        catch (Exception error) when (error is SnapshotGrainsException or NbdException or IOException
            or ObjectDisposedException)
        {
            return true;
        }
    }
}
