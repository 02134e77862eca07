using SnapshotGrains.Client;
using SnapshotGrains.Grains.Keys;

namespace SnapshotGrains.Grains.Tests.Keys;

/// <summary>Shows that the record of keys is durable, changes as a whole, and keeps what something needs.</summary>
public sealed class KeyCatalogTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Keys_and_their_states_survive_a_restart()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: new SharedStore());
        KeyInfo[] keys = [TestKeys.Create("a"), TestKeys.Create("b"), TestKeys.Create("c.d")];
        foreach (var key in keys.Reverse())
        {
            (await Catalog(cluster).AddAsync(key, None)).Should().BeEquivalentTo(key);
        }

        await cluster.Control.RevokeKeyAsync("b", None);
        await cluster.RestartAsync();

        (await cluster.Control.ListKeysAsync(None)).Should().BeEquivalentTo(
            [keys[0], keys[1] with { State = KeyState.Revoked }, keys[2]], options => options.WithStrictOrdering());
        (await cluster.Control.FindKeyAsync("c.d", None)).Should().BeEquivalentTo(keys[2]);
        (await cluster.Control.FindKeyAsync("d", None)).Should().BeNull();
    }

    [Fact]
    public async Task A_name_is_taken_once_but_the_same_key_may_come_again()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var key = TestKeys.Create("a");
        await Catalog(cluster).AddAsync(key, None);

        (await Catalog(cluster).AddAsync(key, None)).Ref.Should().Be(key.Ref);
        await ShouldFailAsync(
            () => Catalog(cluster).AddAsync(TestKeys.Create("a"), None), ErrorCode.AlreadyExists, "'a'");
        await ShouldFailAsync(
            () => Catalog(cluster).AddAsync(key with { Ref = new KeyRef("plain", Guid.NewGuid()) }, None),
            ErrorCode.BadRequest, "'plain' stands for no key");
        await ShouldFailAsync(
            () => Catalog(cluster).AddAsync(key with { Ref = new KeyRef("A/b", Guid.NewGuid()) }, None),
            ErrorCode.BadRequest, "'A/b'");
        await ShouldFailAsync(
            () => Catalog(cluster).AddAsync(key with { Ref = new KeyRef("b", Guid.NewGuid()), Envelope = [] }, None),
            ErrorCode.BadRequest, "no envelope");
    }

    [Fact]
    public async Task Rewrapping_is_one_write_or_none()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var keys = await AddAsync(cluster, 20);
        using var keks = TestKeys.Keks(2, previous: 1);
        var rewrapped = KeyMaker.Rewrap(keys, keks, TimeProvider.System);

        store.BeforeWrite = _ => throw new IOException("The disk is full.");
        await FluentActions.Awaiting(() => Catalog(cluster).RewrapAsync(rewrapped, None)).Should()
            .ThrowAsync<Exception>();
        (await cluster.Control.ListKeysAsync(None)).Should().BeEquivalentTo(keys);

        var writes = 0;
        store.BeforeWrite = _ => writes++;
        var another = TestKeys.Create(rewrapped[0].Ref.Name, kek: 2);
        (await Catalog(cluster).RewrapAsync([.. rewrapped, another, TestKeys.Create("none")], None)).Should().Be(20);
        writes.Should().Be(1);
        (await cluster.Control.ListKeysAsync(None)).Should().BeEquivalentTo(
            rewrapped, "a key of another id and one that is not there are left out");
    }

    [Fact]
    public async Task A_revocation_outlives_a_rewrap_that_began_before_it()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var keys = await AddAsync(cluster, 2);
        using var keks = TestKeys.Keks(2, previous: 1);
        var rewrapped = KeyMaker.Rewrap(keys, keks, TimeProvider.System);

        await Task.WhenAll(
            cluster.Control.RevokeKeyAsync("k-00", None), Catalog(cluster).RewrapAsync(rewrapped, None));
        await Catalog(cluster).RewrapAsync(rewrapped, None);

        (await cluster.Control.FindKeyAsync("k-00", None))!.State.Should().Be(KeyState.Revoked);
        (await cluster.Control.FindKeyAsync("k-01", None))!.State.Should().Be(KeyState.Active);
    }

    [Fact]
    public async Task There_are_at_most_ten_thousand()
    {
        var store = new SharedStore();
        var sample = TestKeys.Create("sample");
        store.Initial["keys"] = new KeyCatalogState
        {
            Keys = Enumerable.Range(0, KeyCatalog.MaxKeys).ToDictionary(
                i => $"k-{i}", i => sample with { Ref = new KeyRef($"k-{i}", Guid.NewGuid()) }),
        };
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);

        await ShouldFailAsync(() => Catalog(cluster).AddAsync(sample, None), ErrorCode.NoSpace, "10000 keys");
        await cluster.Control.RemoveKeyAsync("k-77", None);
        await Catalog(cluster).AddAsync(sample, None);
    }

    [Fact]
    public async Task A_key_in_use_goes_only_when_it_is_revoked()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var key = (await AddAsync(cluster, 1))[0].Ref;
        var disks = Enumerable.Range(0, 3).Select(i => Disk($"vm-{i}", key)).ToArray();
        foreach (var disk in disks)
        {
            await Shard(cluster, disk).AddAsync([disk], isAnyFormat: false, None);
        }

        await ShouldFailAsync(
            () => cluster.Control.RemoveKeyAsync(key.Name, None), ErrorCode.InUse, "in use by 3 disks", "revoke it");
        await Shard(cluster, disks[0]).RemoveAsync("vm-0", disks[0].Id, None);
        await Shard(cluster, disks[1]).UpdateAsync(disks[1] with { State = DiskState.Deleting }, None);
        await ShouldFailAsync(
            () => cluster.Control.RemoveKeyAsync(key.Name, None), ErrorCode.InUse, "in use by 1 disk;");

        await cluster.Control.RevokeKeyAsync(key.Name, None);
        await cluster.Control.RemoveKeyAsync(key.Name, None);
        (await cluster.Control.ListKeysAsync(None)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_that_nothing_uses_goes_at_once_whatever_uses_its_namesake()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        var key = (await AddAsync(cluster, 1))[0].Ref;
        var disk = Disk("vm", key with { Id = Guid.NewGuid() });
        await Shard(cluster, disk).AddAsync([disk], isAnyFormat: false, None);

        await cluster.Control.RemoveKeyAsync(key.Name, None);

        await ShouldFailAsync(() => cluster.Control.RemoveKeyAsync(key.Name, None), ErrorCode.NotFound, "key ls");
        await ShouldFailAsync(() => cluster.Control.RevokeKeyAsync(key.Name, None), ErrorCode.NotFound, "'k-00'");
    }

    [Fact]
    public async Task The_service_rotates_what_is_active_and_not_yet_rotated()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1);
        await AddAsync(cluster, 5);
        await cluster.Control.RevokeKeyAsync("k-04", None);
        using var keks = TestKeys.Keks(2, previous: 1);
        var service = new KeyService(cluster.Grains, keks, TimeProvider.System);

        (await service.RotateKeysAsync("k-00", None)).Should().Be(1);
        (await service.RotateKeysAsync(null, None)).Should().Be(3);
        (await service.RotateKeysAsync(null, None)).Should().Be(0);

        await ShouldFailAsync(() => service.RotateKeysAsync("k-04", None), ErrorCode.KeyUnavailable, "revoked");
        await ShouldFailAsync(() => service.RotateKeysAsync("k-99", None), ErrorCode.NotFound, "'k-99'");
        await Catalog(cluster).AddAsync(TestKeys.Create("foreign", kek: 9), None);
        await ShouldFailAsync(
            () => service.RotateKeysAsync(null, None), ErrorCode.KeyUnavailable, "'foreign'", TestKeys.KekId(9));
    }

    private static IKeyCatalogGrain Catalog(GrainCluster cluster) => cluster.Grains.GetGrain<IKeyCatalogGrain>(0);

    private static IDiskCatalogGrain Shard(GrainCluster cluster, DiskInfo disk) =>
        cluster.Grains.GetGrain<IDiskCatalogGrain>(DiskCatalog.ShardOf(disk.Name));

    private static DiskInfo Disk(string name, KeyRef key) => new(
        name, SnapshotId.Parse("img@1"), 1 << 20, 1 << 20, DiskState.Created, DateTimeOffset.UnixEpoch,
        Guid.NewGuid(), Format: StripeFormat.Unstriped(1 << 20), Key: key);

    /// <summary>Keys called k-00, k-01 and so on.</summary>
    private static async Task<KeyInfo[]> AddAsync(GrainCluster cluster, int count)
    {
        var keys = Enumerable.Range(0, count).Select(i => TestKeys.Create($"k-{i:00}")).ToArray();
        await Task.WhenAll(keys.Select(key => Catalog(cluster).AddAsync(key, None)));
        return keys;
    }

    private static async Task ShouldFailAsync(Func<Task> act, ErrorCode code, params string[] says)
    {
        var failure = await act.Should().ThrowAsync<SnapshotGrainsException>();
        failure.Which.Code.Should().Be(code);
        failure.Which.Message.Should().ContainAll(says);
    }
}
