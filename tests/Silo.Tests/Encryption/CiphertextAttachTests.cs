using System.Net;
using System.Runtime.Versioning;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Tests.Encryption;

/// <summary>
/// Shows that writers who encrypt by themselves do not lose each other's bytes, and that the network gives no plaintext
/// of an encrypted snapshot to whoever asks for it.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class CiphertextAttachTests : IAsyncLifetime
{
    private const int Sector = 4096;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly KekFiles _keks = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(silos: 1, more: _keks.SettingsOf(1));
        var image = (await _silo.ImportAsync("img@1", TestImage.Random(2 * TestImage.Segment))).Id;
        await _silo.Api.CreateKeyAsync("tenant", None);
        await _silo.Remote.CloneAsync(image, "vm", new CloneOptions(HydrationMode.None, new DiskLayout(Key: "tenant")));
        await _silo.Remote.CloneAsync(image, "clear", HydrationMode.None);
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _keks.Dispose();
    }

    [Fact]
    public async Task Two_attachments_of_one_client_share_a_sector()
    {
        await using var remote = SnapshotGrainsClient.Connect(
            _silo.Process.HttpAddress, new ClientOptions { Keks = KekFiles.KeksOf(1) });
        await using var a = await remote.OpenDiskAsync("vm");
        await using var b = await remote.OpenDiskAsync("vm");
        var sector = new byte[Sector];
        for (var round = 1; round <= 100; round++)
        {
            var (left, right) = (Filled(round), Filled(-round));
            await Task.WhenAll(a.WriteAsync(0, left).AsTask(), b.WriteAsync(left.Length, right).AsTask());

            await a.ReadAsync(0, sector);
            sector.Should().Equal([.. left, .. right], "round {0}", round);
        }
    }

    [Fact]
    public async Task Writers_of_ciphertext_and_of_plaintext_are_not_let_in_together()
    {
        await using (await ConnectAsync("vm:cipher"))
        {
            await ShouldBeRefusedAsync("vm");
            await ShouldBeRefusedAsync("vm:cipher");
            await using var reader = await ConnectAsync("vm:ro");
        }

        await using var clear = await ConnectAsync("vm");
        await ShouldBeRefusedAsync("vm:cipher");
        await ShouldBeRefusedAsync("clear:cipher");
    }

    [Fact]
    public async Task Plaintext_of_an_encrypted_snapshot_is_not_sent_and_no_format_is_made_for_strangers()
    {
        var snapshot = SnapshotId.Parse("vm@1");
        while (!(await _silo.Api.SnapshotDiskAsync("vm", snapshot, None)).IsDone)
        {
        }

        var own = (await _silo.Api.GetImageAsync(snapshot, None)).Key!;
        await _silo.Remote.CloneAsync(
            snapshot, "plain", new CloneOptions(HydrationMode.None, new DiskLayout(Key: ReplicaId.NoKey)));
        var map = await _silo.Process.Client.GetSegmentMapAsync(snapshot);
        var made = (await _silo.Api.GetDiskAsync("plain", None)).Format!;

        (await StatusOfAsync(map, own, new ReplicaId(snapshot, made))).Should().Be(HttpStatusCode.Forbidden);
        var strange = made with { StripeUnitBytes = Sector, StripeCount = 7 };
        (await StatusOfAsync(map, own, new ReplicaId(snapshot, strange))).Should().Be(HttpStatusCode.NotFound);
    }

    private async Task<HttpStatusCode> StatusOfAsync(SegmentMap map, KeyRef own, ReplicaId replica)
    {
        var derived = new ReplicaMap(
            map, replica.Format!.LayoutOf(map.SizeBytes), replica.Snapshot.ToString(), own.Id, Guid.Empty);
        var n = derived.Map.NextData(0);
        var key = new SegmentKey(
            replica, n, derived.Map.DigestOf(n).ToString(), derived.PlacementOf(n).ToString());
        using var http = new HttpClient { BaseAddress = _silo.Process.HttpAddress };
        using var answer = await http.GetAsync($"{ApiRoutes.Segments}/{key}");
        return answer.StatusCode;
    }

    private static byte[] Filled(int round)
    {
        var bytes = new byte[Sector / 2];
        Array.Fill(bytes, (byte)round);
        return bytes;
    }

    private Task<NbdClient> ConnectAsync(string export) =>
        NbdClient.ConnectAsync(NbdUri.Parse(_silo.UnixUri(export)), new NbdClientOptions(), None);

    private async Task ShouldBeRefusedAsync(string export)
    {
        var connect = async () => await ConnectAsync(export);
        await connect.Should().ThrowAsync<NbdException>(export);
    }
}
