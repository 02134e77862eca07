using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Shows what grains rely on of a storage that several processes share.</summary>
public sealed class StorageTests(ClusterDatabases databases) : ClusterTests(databases)
{
    private const string Name = "lease";

    [RequiresToolTheory(PostgresServer.Tool, RedisServer.Tool)]
    [InlineData(Membership.Postgres)]
    [InlineData(Membership.Redis)]
    public async Task Of_two_activations_that_have_read_the_same_only_one_can_write(Membership membership)
    {
        // The first write makes the state, each further one names the version it replaces; a conflict changes nothing.
        await using var host = await StorageHost.StartAsync(membership, await Databases.PrepareAsync(membership));
        var (disk, storage) = (GrainId.Create("disk", "vm1"), host.Storage);
        var (first, second) = (await ReadAsync(storage, disk), await ReadAsync(storage, disk));
        first.RecordExists.Should().BeFalse();

        first.State!.Epoch = 1;
        await storage.WriteStateAsync(Name, disk, first);
        await ShouldConflictAsync(() => storage.WriteStateAsync(Name, disk, second));
        second = await ReadAsync(storage, disk);
        second.State!.Epoch.Should().Be(1);
        second.State!.Epoch = 2;
        await storage.WriteStateAsync(Name, disk, second);
        await ShouldConflictAsync(() => storage.WriteStateAsync(Name, disk, first));
        await ShouldConflictAsync(() => storage.ClearStateAsync(Name, disk, first));
        (await ReadAsync(storage, disk)).State!.Epoch.Should().Be(2);
    }

    [RequiresToolTheory(PostgresServer.Tool, RedisServer.Tool)]
    [InlineData(Membership.Postgres)]
    [InlineData(Membership.Redis)]
    public async Task What_is_cleared_is_gone_and_can_be_written_anew(Membership membership)
    {
        // A disk of the name of a deleted one starts with nothing.
        await using var host = await StorageHost.StartAsync(membership, await Databases.PrepareAsync(membership));
        var (disk, storage) = (GrainId.Create("disk", "vm1"), host.Storage);
        var state = await ReadAsync(storage, disk);
        state.State!.Epoch = 7;
        await storage.WriteStateAsync(Name, disk, state);
        await storage.ClearStateAsync(Name, disk, state);
        state.RecordExists.Should().BeFalse();
        state.State!.Epoch.Should().Be(0);

        await storage.WriteStateAsync(Name, disk, state);
        (await ReadAsync(storage, disk)).RecordExists.Should().BeTrue();
    }

    [RequiresToolTheory(PostgresServer.Tool, RedisServer.Tool)]
    [InlineData(Membership.Postgres)]
    [InlineData(Membership.Redis)]
    public async Task Every_name_has_a_state_of_its_own(Membership membership)
    {
        // Orleans' relational storage reads some names as numbers; names that differ must not meet as equal numbers.
        await using var host = await StorageHost.StartAsync(membership, await Databases.PrepareAsync(membership));
        string[] names =
        [
            "1", "01", "001", "0", "00", "a", "0a", "vm1", "ffffffffffffffff", "0ffffffffffffffff",
            "00000000000000000000000000000001", "0000000000000000000000000000000a", "debian@v1", "1@1", "x-1",
        ];
        foreach (var (epoch, name) in names.Index())
        {
            var state = await ReadAsync(host.Storage, GrainId.Create("disk", name));
            state.RecordExists.Should().BeFalse($"'{name}' was not written yet");
            state.State!.Epoch = epoch;
            await host.Storage.WriteStateAsync(Name, GrainId.Create("disk", name), state);
        }

        foreach (var (epoch, name) in names.Index())
        {
            var state = await ReadAsync(host.Storage, GrainId.Create("disk", name));
            state.State!.Epoch.Should().Be(epoch, $"that is what '{name}' has");
        }
    }

    private static async Task<GrainState<DiskRecord>> ReadAsync(IGrainStorage storage, GrainId disk)
    {
        var state = new GrainState<DiskRecord>();
        await storage.ReadStateAsync(Name, disk, state);
        return state;
    }

    private static async Task ShouldConflictAsync(Func<Task> write) =>
        await write.Should().ThrowAsync<InconsistentStateException>();
}
